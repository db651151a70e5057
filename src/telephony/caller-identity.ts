import { e164FromUser } from '../domain/phone-number.ts';
import type { InviteRequest } from './srf.ts';

/** Who calls, and the From the buyer is shown. */
export interface Caller {
  /** E.164; undefined when hidden (RFC 3323) or not a telephone number. */
  readonly number: string | undefined;
  /** From header for the buyer's INVITE; the engine replaces `localhost` by its own address. */
  readonly from: string;
}

const ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>';

/** Takes the caller from From; one who asked for privacy (RFC 3323 §4.2, RFC 3325 §9.3) stays anonymous to everybody. */
export function identifyCaller(req: InviteRequest): Caller {
  const user = /<?sips?:([^@>;]+)@/i.exec(req.get('from') ?? '')?.[1];
  if (user === undefined || wantsPrivacy(req) || /^anonymous$/i.test(user))
    return { number: undefined, from: ANONYMOUS };
  const number = e164FromUser(user);
  const shown = number ?? user.replaceAll(/[^\w.+*#-]/g, '');
  return { number, from: shown === '' ? ANONYMOUS : `<sip:${shown}@localhost>` };
}

function wantsPrivacy(req: InviteRequest): boolean {
  const requested = (req.get('privacy') ?? 'none').toLowerCase().split(/[;,\s]+/);
  return requested.some((value) => value === 'id' || value === 'user' || value === 'header');
}
