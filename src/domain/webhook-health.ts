const DAY_MS = 86_400_000;

/** An endpoint that has answered nothing with 2xx for so long is switched off (semantics §8). */
const OFF_AFTER_MS = 5 * DAY_MS;

export type OffReason = 'gone' | 'failing';

/** How an endpoint has been doing. Instants are epoch ms. */
export interface EndpointHealth {
  /** First failure since the last success. */
  readonly failingSince: number | null;
  readonly offAt: number | null;
  readonly offReason: OffReason | null;
}

export interface TryOutcome {
  readonly at: number;
  readonly isSuccess: boolean;
  /** Answered 410. */
  readonly isGone: boolean;
}

/** After one more try. What is off stays off: a person switches it on, having looked. */
export function healthAfter(health: EndpointHealth, { at, isSuccess, isGone }: TryOutcome): EndpointHealth {
  if (isSuccess) return { ...health, failingSince: null };
  const failingSince = health.failingSince ?? at;
  if (health.offAt !== null) return { ...health, failingSince };
  if (isGone) return { failingSince, offAt: at, offReason: 'gone' };
  if (at - failingSince >= OFF_AFTER_MS) return { failingSince, offAt: at, offReason: 'failing' };
  return { ...health, failingSince };
}
