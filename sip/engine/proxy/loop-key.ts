import { cseqOf } from '../message/cseq.ts';
import type { SipRequest } from '../message/message.ts';
import { tagOf } from '../message/name-addr.ts';
import { parseVia } from '../message/via.ts';
import type { ListeningPoint } from '../transport/transport.ts';

/** Two requests of one key would be forwarded alike (RFC 3261 §16.6, step 8). */
export function loopKeyOf(request: SipRequest): string {
  const { method, uri, headers } = request;
  const tag = tagOf(headers.get('From') ?? '') ?? '';
  const route = headers.getAll('Route');
  return [method, uri, headers.get('Call-ID'), tag, cseqOf(request).number, ...route].join(' ');
}

/** True when the request has been here before (RFC 3261 §16.3, step 4). */
export function hasBeenHere(request: SipRequest, points: readonly ListeningPoint[]): boolean {
  return request.headers.getAll('Via').some((value) => isOurs(value, points));
}

function isOurs(value: string, points: readonly ListeningPoint[]): boolean {
  try {
    const { host, port } = parseVia(value);
    return points.some((point) => point.advertisedAddress === host && point.advertisedPort === (port ?? 5060));
  } catch {
    return false;
  }
}
