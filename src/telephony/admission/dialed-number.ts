import type { Carrier } from '../../domain/carrier.ts';
import { e164FromUser } from '../../domain/phone-number.ts';
import { firstAddress, userOfUri } from '../../domain/sip-address.ts';
import type { InviteRequest } from '../srf.ts';

/** The number the caller dialled, E.164, from where this carrier puts it; undefined when nothing there is a number. */
export function dialedNumber(req: InviteRequest, { dialedNumberFrom: place, country }: Carrier): string | undefined {
  return e164FromUser(place === 'request_uri' ? userOfUri(req.uri) : userIn(req.get(place) ?? ''), country);
}

/** A header with several entries says it in its first: the last diversion is the topmost (RFC 5806 §4.2). Or a bare number. */
function userIn(header: string): string {
  const uri = firstAddress(header)?.uri ?? '';
  return /^[a-z]+:/i.test(uri) ? userOfUri(uri) : (uri.split('@', 1)[0] ?? '');
}
