import type { SipResponse } from '../message/message.ts';
import type { Target } from '../transport/transport.ts';

/** A final response and who gave it, or was to give it. */
export interface Outcome {
  readonly response: SipResponse;
  readonly from: Target;
}

const challenges = ['WWW-Authenticate', 'Proxy-Authenticate'] as const;
/** They tell the caller how to do better. */
const helpful = new Set([401, 407, 415, 420, 484]);

/** What the caller is told when all branches have failed (RFC 3261 §16.7, step 6): any 6xx, else of the lowest class. */
export function bestOf(outcomes: readonly Outcome[]): Outcome | undefined {
  return [...outcomes].sort((a, b) => rank(a.response.status) - rank(b.response.status))[0];
}

/** The challenges of all branches in one, so that the caller can answer them at once (RFC 3261 §16.7, step 7). */
export function addChallenges(told: SipResponse, best: Outcome, outcomes: readonly Outcome[]): void {
  if (!isChallenge(told)) return;
  for (const other of outcomes) {
    if (other === best || !isChallenge(other.response)) continue;
    for (const name of challenges) {
      for (const value of other.response.headers.getAll(name)) told.headers.append(name, value);
    }
  }
}

const isChallenge = ({ status }: SipResponse): boolean => status === 401 || status === 407;

/** Smaller is better; among equals the first to arrive. */
function rank(status: number): number {
  if (status >= 600) return 0;
  if (helpful.has(status)) return 400;
  if (status === 408) return 499;
  if (status === 503) return 599;
  return status < 400 ? 300 : Math.floor(status / 100) * 100 + 50;
}
