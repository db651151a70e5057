import type { FailedAttempt } from './attempt.ts';
import type { InviteResponse } from './srf.ts';

const NOBODY_TRIED = 480;

/**
 * The answer to a caller whom nobody took: the last buyer's (semantics §6), save what would mean something else to the
 * carrier: our own ring timeout, a challenge or redirection meant for us, or a 503 (RFC 3261 §16.7.6).
 */
export function finalStatusForCaller(last: FailedAttempt | undefined): number {
  if (last === undefined || last.cause === 'ring_timeout' || last.cause === 'cancelled') return NOBODY_TRIED;
  const { sipStatus } = last;
  if (sipStatus < 400 || sipStatus === 401 || sipStatus === 407) return NOBODY_TRIED;
  return sipStatus === 503 ? 500 : sipStatus;
}

/** Sends a final answer; a status drachtio-srf does not know is sent as the x00 of its class (RFC 3261 §8.1.3.2). */
export function sendFinal(
  res: InviteResponse,
  status: number,
  reason?: string,
  headers: Record<string, string> = {},
): void {
  if (res.finalResponseSent) return;
  try {
    res.send(status, reason === '' ? undefined : reason, { headers });
  } catch {
    res.send(Math.floor(status / 100) * 100, reason, { headers });
  }
}
