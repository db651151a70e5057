/** The base values all SIP timers are made of, in ms (RFC 3261 table 4). */
export interface TimerSettings {
  /** Round-trip estimate: first interval of every resend. */
  readonly t1: number;
  /** Longest interval between resends of non-INVITE requests and of responses to INVITE. */
  readonly t2: number;
  /** How long a message may linger in the network. */
  readonly t4: number;
}

export const defaultTimers: TimerSettings = { t1: 500, t2: 4000, t4: 5000 };

/** The time after which a transaction is given up: timers B, D, F, H, J, L and M, all 64·T1. */
export const giveUpMs = (timers: TimerSettings): number => 64 * timers.t1;

/** Silence allowed after the last 1xx of an INVITE before it is cancelled: timer C, over 3 minutes (RFC 3261 §16.6). */
export const TIMER_C_MS = 185_000;
