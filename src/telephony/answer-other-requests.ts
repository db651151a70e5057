import { ALLOW } from './caller-leg.ts';
import type { SipApplication } from './srf.ts';

/** Outside of calls we have no use for these. Unanswered by us the engine would say 503, as if we were down. */
const NOT_ALLOWED = ['register', 'subscribe', 'publish', 'message', 'notify', 'info', 'refer'] as const;

/** What comes outside of calls and begins none: OPTIONS asks whether we are there, the rest is not allowed (RFC 3261 §8.2.1, §11.2). */
export function answerOtherRequests(sip: SipApplication, isDraining: () => boolean): void {
  sip.options((_req, res) => {
    if (isDraining()) res.send(503);
    else res.send(200, undefined, { headers: { Allow: ALLOW, Accept: 'application/sdp' } });
  });
  for (const method of NOT_ALLOWED) {
    sip.use(method, (_req, res) => res.send(405, undefined, { headers: { Allow: ALLOW } }));
  }
}
