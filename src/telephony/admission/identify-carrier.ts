import type { Carrier, SipTransport } from '../../domain/carrier.ts';
import { type AccountDirectory, hasLogin } from '../account-directory.ts';
import type { InviteRequest } from '../srf.ts';
import type { DigestLogins } from './digest-logins.ts';
import { type Refused, refused } from './refused.ts';

/**
 * The carrier an INVITE comes from, by its address and, where it has a login, by that too. One with nothing but a login
 * may call from anywhere; everybody is asked for it then.
 */
export function identifyCarrier(
  req: InviteRequest,
  directory: AccountDirectory,
  logins: DigestLogins,
): Carrier | Refused {
  const here = directory.carriersAt(req.source_address);
  const allowed = here.filter((carrier) => mayUse(carrier, req));
  if (here.length > 0 && allowed.length === 0) return refused(403, 'Forbidden', 'wrong_transport');
  const known = allowed.find((carrier) => !hasLogin(carrier));
  if (known !== undefined) return known;

  const candidates = [...allowed.filter(hasLogin), ...directory.roamingCarriers];
  if (candidates.length === 0) return refused(403, 'Forbidden', 'unknown_carrier');
  const verdict = logins.check(req, candidates);
  if (verdict.kind === 'blocked') {
    const { retryAfterSeconds } = verdict;
    return { ...refused(403, 'Forbidden', 'too_many_failed_logins'), retryAfterSeconds };
  }
  if (verdict.kind === 'challenged') {
    const cause = verdict.why === 'wrong' ? 'login_wrong' : 'login_asked';
    return { ...refused(401, 'Unauthorized', cause), challenge: verdict.challenge };
  }
  return mayUse(verdict.carrier, req) ? verdict.carrier : refused(403, 'Forbidden', 'wrong_transport');
}

function mayUse({ transports }: Carrier, { protocol }: InviteRequest): boolean {
  return transports.includes(protocol.toLowerCase() as SipTransport);
}
