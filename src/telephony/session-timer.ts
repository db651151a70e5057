import type { SipHeaders } from './srf.ts';

/** The least RFC 4028 §4 allows. */
const MIN_SECONDS = 90;

/** Asks a buyer for a session timer (RFC 4028 §7.1): one who vanishes ends the call, not our patience. */
export function timerHeadersForBuyer(seconds: number, minSeconds = MIN_SECONDS): Record<string, string> {
  return { 'Session-Expires': `${seconds}`, 'Min-SE': `${minSeconds}` };
}

/**
 * The timer of the caller's leg for our 2xx (RFC 4028 §9): never longer than the caller asked for. A caller who did not ask
 * is refreshed by us, which needs nothing from it.
 */
export function timerHeaderForCaller(invite: SipHeaders, seconds: number): Record<string, string> {
  const [, asked, refresher] =
    /^\s*(\d{1,9})(?:.*;\s*refresher\s*=\s*(uac|uas))?/i.exec(invite.get('session-expires') ?? '') ?? [];
  if (asked === undefined) return { 'Session-Expires': `${seconds};refresher=uas` };
  const agreed = Math.max(Math.min(Number(asked), seconds), MIN_SECONDS);
  return { 'Session-Expires': `${agreed};refresher=${refresher?.toLowerCase() ?? 'uac'}` };
}
