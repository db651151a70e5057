import type { Carrier } from '../domain/carrier.ts';
import { e164FromUser } from '../domain/phone-number.ts';
import { firstAddress, hostOfUri, type SipAddress, userOfUri } from '../domain/sip-address.ts';
import type { InviteRequest } from './srf.ts';

/** Who calls, and what may be shown of it. */
export interface Caller {
  /** E.164; undefined when hidden (RFC 3323) or not a telephone number. */
  readonly number: string | undefined;
  /** The number of a caller who hides it: for the P-Asserted-Identity of a trusted gateway only (RFC 3325 §5). */
  readonly hiddenNumber: string | undefined;
  /** Plain text; undefined when there is none or the caller is private. */
  readonly displayName: string | undefined;
  /** Asked for privacy (RFC 3323 §4.2, RFC 3325 §9.3): shown as anonymous to everybody. */
  readonly isPrivate: boolean;
  /** Identity header (RFC 8224), true only while the caller's number is passed on; it names the number: none if private. */
  readonly identity: string | undefined;
  /** From header that passes the caller on; the engine replaces `localhost` by its own address. */
  readonly from: string;
}

export const ANONYMOUS_FROM = '"Anonymous" <sip:anonymous@anonymous.invalid>';

/** Takes the caller from where this carrier puts it; P-Asserted-Identity only of one that is trusted with it (RFC 3325 §5). */
export function identifyCaller(req: InviteRequest, carrier: Carrier): Caller {
  const from = firstAddress(req.get('from') ?? '');
  const asserted = carrier.callerNumberFrom === 'p_asserted_identity' ? assertedIdentity(req) : undefined;
  const known = asserted ?? from;
  const user = known === undefined ? '' : userOfUri(known.uri);
  const number = e164FromUser(user, carrier.country);
  const isPrivate = wantsPrivacy(req, from);
  if (isPrivate) {
    return { ...HIDDEN, isPrivate, hiddenNumber: number };
  }
  const displayName = cleanName(known?.displayName ?? from?.displayName);
  const shown = number ?? user.replaceAll(/[^\w.+*#-]/g, '');
  return {
    number,
    hiddenNumber: undefined,
    displayName: shown === '' ? undefined : displayName,
    isPrivate,
    identity: req.get('identity'),
    from: shown === '' ? ANONYMOUS_FROM : nameAddr(displayName, `sip:${shown}@localhost`),
  };
}

const HIDDEN = {
  number: undefined,
  displayName: undefined,
  identity: undefined,
  from: ANONYMOUS_FROM,
} as const;

/** A name-addr; the name is quoted, what would end the quotes is escaped (RFC 3261 §25.1). */
export function nameAddr(displayName: string | undefined, uri: string): string {
  return displayName === undefined ? `<${uri}>` : `"${displayName.replaceAll(/["\\]/g, '\\$&')}" <${uri}>`;
}

/** It may hold a sip and a tel URI (RFC 3325 §9.1): the first that is a telephone number, else the first. */
function assertedIdentity(req: InviteRequest): SipAddress | undefined {
  const value = req.get('p-asserted-identity');
  if (value === undefined) return undefined;
  const first = firstAddress(value);
  const second = firstAddress(/>\s*,([\s\S]*)$/.exec(value)?.[1] ?? '');
  return [first, second].find((each) => each !== undefined && e164FromUser(userOfUri(each.uri)) !== undefined) ?? first;
}

/** User parts of a From that hides its caller, in use beside RFC 3323's `anonymous`. */
const HIDING_USERS = /^(anonymous|restricted|private|withheld|blocked)$/i;

function wantsPrivacy(req: InviteRequest, from: SipAddress | undefined): boolean {
  const requested = (req.get('privacy') ?? '').toLowerCase().split(/[;,\s]+/);
  if (requested.some((value) => value === 'id' || value === 'user' || value === 'header')) return true;
  if (requested.includes('none')) return false;
  return from !== undefined && (HIDING_USERS.test(userOfUri(from.uri)) || hostOfUri(from.uri) === 'anonymous.invalid');
}

const LONGEST_NAME = 80;

/** Neither control characters nor more than fits a display; undefined when nothing is left. */
function cleanName(name: string | undefined): string | undefined {
  const clean = [...(name ?? '').replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()];
  return clean.length === 0 ? undefined : clean.slice(0, LONGEST_NAME).join('');
}
