import { listOf } from '../message/header-list.ts';
import type { Headers } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { replyTo } from '../transaction/reply.ts';
import { newTag } from '../transaction/token.ts';
import type { Destination } from './destination.ts';

const FIRST_MAX_FORWARDS = 70;

/** Ours, the transaction's or the caller's to write, whatever the application says. */
const notTheApplications = new Set([
  'Via',
  'Route',
  'Record-Route',
  'Max-Forwards',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Content-Type',
  'Content-Length',
]);

/** Why a request may not go on: hops used up, or an extension asked of proxies (RFC 3261 §16.3); undefined when it may. */
export function refuseToForward(request: SipRequest): SipResponse | undefined {
  const { headers } = request;
  const hops = headers.get('Max-Forwards');
  if (hops !== undefined && !/^\d{1,3}$/.test(hops)) return replyTo(request, 400, 'Bad Max-Forwards Header', newTag());
  if (hops !== undefined && Number(hops) === 0) return replyTo(request, 483, 'Too Many Hops', newTag());
  const asked = listOf(headers, 'Proxy-Require');
  if (asked.length === 0) return undefined;
  const refusal = replyTo(request, 420, 'Bad Extension', newTag());
  refusal.headers.append('Unsupported', asked.join(', '));
  return refusal;
}

/** The copy of a request for one destination (RFC 3261 §16.6); Record-Route and Via come with the target. */
export function forwardedCopy(
  request: SipRequest,
  { uri, route }: Destination,
  extra: Headers | undefined,
): SipRequest {
  const headers = request.headers.clone();
  headers.remove('Route');
  for (const each of route) headers.append('Route', each);
  const hops = headers.get('Max-Forwards');
  headers.set('Max-Forwards', `${hops === undefined ? FIRST_MAX_FORWARDS : Number(hops) - 1}`);
  extra?.forEach((name, value) => {
    if (!notTheApplications.has(name) && !/[\r\n]/.test(value)) headers.set(name, value);
  });
  return { ...request, uri, headers };
}
