import type { SipRequest, SipResponse } from '../../message/message.ts';
import type { Dialog } from '../dialog.ts';
import { eventOf, grantedSeconds, subscriptionStateOf } from './subscription-headers.ts';

/** A NOTIFY of the peer in our subscription: ends it, or says how long it lives (RFC 6665 §4.1.3). */
export function takeNotify({ subscriptions }: Dialog, { headers }: SipRequest): void {
  const event = eventOf(headers);
  if (subscriptions?.has(event) !== true) return;
  const { isTerminated, seconds } = subscriptionStateOf(headers);
  if (isTerminated) subscriptions.end(event);
  else if (seconds !== undefined) subscriptions.keep(event, seconds);
}

/** The final response to a SUBSCRIBE or NOTIFY of ours in the dialog, as the network gave it or made up here. */
export function followSubscription({ subscriptions }: Dialog, request: SipRequest, response: SipResponse): void {
  if (subscriptions === undefined || response.status === 401 || response.status === 407) return;
  const event = eventOf(request.headers);
  if (endsSubscription(request, response)) subscriptions.end(event);
  else if (request.method === 'SUBSCRIBE' && response.status < 300) {
    subscriptions.keep(event, grantedSeconds(request.headers, response.headers));
  }
}

function endsSubscription({ method, headers }: SipRequest, { status }: SipResponse): boolean {
  if (method === 'NOTIFY' && (subscriptionStateOf(headers).isTerminated || status === 408)) return true;
  return (method === 'NOTIFY' || method === 'SUBSCRIBE') && isFatal(status);
}

/** Says that the peer knows nothing of the subscription, or never will (RFC 6665 §4.1.2.2, §4.2.2; RFC 5057 §5.1). */
const isFatal = (status: number): boolean =>
  (status >= 480 && status <= 485) || [404, 405, 410, 416, 489, 501, 604].includes(status);
