import type { Headers } from '../../message/headers.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import type { Dialog } from '../dialog.ts';
import { addOptionTag, hasOptionTag } from '../headers/option-tags.ts';
import { formatSessionExpires, minSessionSecondsOf, type Refresher, sessionExpiresOf } from './session-expires.ts';
import type { SessionAgreement } from './session-timer.ts';

/** Requests that refresh a session (RFC 4028 §2). */
export const refreshesSession = (method: string): boolean => method === 'INVITE' || method === 'UPDATE';

/** What our 2xx agrees to, written into it (RFC 4028 §9): what the application says, else what the peer asked for. */
export function agreeAsUas(
  minSeconds: number,
  dialog: Dialog,
  request: SipRequest,
  response: SipResponse,
): SessionAgreement | undefined {
  const asked = sessionExpiresOf(request.headers);
  const given = sessionExpiresOf(response.headers);
  const running = dialog.session?.agreement;
  const seconds = given?.seconds ?? asked?.seconds ?? (running?.weRefresh === true ? running.seconds : undefined);
  const knowsTimer = asked?.refresher !== undefined || namesTimer(request.headers);
  // An application that bridges may have copied what the other peer promised.
  const wish = given?.refresher === 'uac' && !knowsTimer ? 'uas' : (given?.refresher ?? asked?.refresher);
  const refresher = wish ?? refresherFor(knowsTimer, asked !== undefined, given !== undefined || running !== undefined);
  if (seconds === undefined || refresher === undefined) return undefined;
  // DEVIATION (RFC 4028 §9): what is too short in a first INVITE is raised, not refused.
  const agreed = Math.max(seconds, minSeconds, minSessionSecondsOf(request.headers));
  response.headers.set('Session-Expires', formatSessionExpires(agreed, refresher));
  if (refresher === 'uac') addOptionTag(response.headers, 'Require', 'timer');
  return { seconds: agreed, weRefresh: refresher === 'uas' };
}

/** A peer that asks for a timer and knows how refreshes itself; one that does not know leaves it to us, if we want it. */
function refresherFor(knowsTimer: boolean, isAsked: boolean, isWanted: boolean): Refresher | undefined {
  if (isAsked && knowsTimer) return 'uac';
  return isWanted ? 'uas' : undefined;
}

const namesTimer = (headers: Headers): boolean =>
  hasOptionTag(headers, 'Supported', 'timer') || hasOptionTag(headers, 'Require', 'timer');

/** What the peer's 2xx to our request agrees to; we refresh unless it says otherwise (RFC 4028 §7.2). */
export function agreeAsUac(minSeconds: number, response: SipResponse): SessionAgreement | undefined {
  const given = sessionExpiresOf(response.headers);
  if (given === undefined) return undefined;
  return { seconds: Math.max(given.seconds, minSeconds), weRefresh: given.refresher !== 'uas' };
}

/** A request of ours in a dialog with a running timer goes on with it (RFC 4028 §7.4). */
export function continueSession(dialog: Dialog, request: SipRequest): void {
  const agreement = dialog.session?.agreement;
  if (agreement === undefined || !refreshesSession(request.method) || request.headers.has('Session-Expires')) return;
  const refresher = agreement.weRefresh ? 'uac' : 'uas';
  request.headers.append('Session-Expires', formatSessionExpires(agreement.seconds, refresher));
  addOptionTag(request.headers, 'Supported', 'timer');
}

/** 422 for a refresh that asks for less than allowed; undefined when all is well (RFC 4028 §9). */
export function refuseTooShort(minSeconds: number, dialog: Dialog, request: SipRequest): SipResponse | undefined {
  const asked = refreshesSession(request.method) ? sessionExpiresOf(request.headers) : undefined;
  if (asked === undefined || asked.seconds >= minSeconds) return undefined;
  const response = replyTo(request, 422, 'Session Interval Too Small', dialog.localTag);
  response.headers.append('Min-SE', `${minSeconds}`);
  return response;
}
