/** How hard the engine works, as measured since the last sample. */
export interface Load {
  /** How late the thread got to do what was due, in ms. */
  readonly lagMs: number;
  /** How full the fullest receive buffer is, 0..1: what the thread does not get to. */
  readonly receiveQueueShare: number;
  /** How far the slowest application is behind, in ms. */
  readonly applicationLagMs: number;
  /** Bytes waiting for the slowest application to read them. */
  readonly queuedBytes: number;
  /** INVITEs that no application has answered with anything yet. */
  readonly waitingInvites: number;
}

/** Above any of these the engine is overloaded. */
export type OverloadLimits = Load;

export const defaultOverloadLimits: OverloadLimits = {
  lagMs: 500,
  receiveQueueShare: 0.5,
  applicationLagMs: 500,
  queuedBytes: 262_144,
  waitingInvites: 10_000,
};

/** What callers who are turned away are asked to wait, in seconds (RFC 3261 §20.33). */
export const RETRY_AFTER_SECONDS = 5;

/** Samples in a row above a limit that are forgiven: a collection of garbage, a cold start. */
const FORGIVEN = 2;
const LEAST_SHARE = 0.02;
const BACK_OFF = 0.7;
const RECOVERY = 0.02;

/**
 * Decides which new calls are taken, so that those in progress are served whatever is offered. The share of calls taken
 * falls fast while a limit is exceeded and rises slowly afterwards.
 */
export class OverloadGuard {
  readonly #limits: OverloadLimits;
  #share = 1;
  #credit = 0;
  #exceededInRow = 0;
  #load: Load = { lagMs: 0, receiveQueueShare: 0, applicationLagMs: 0, queuedBytes: 0, waitingInvites: 0 };

  constructor(limits: OverloadLimits = defaultOverloadLimits) {
    this.#limits = limits;
  }

  /** Share of new calls taken, 0..1. */
  get share(): number {
    return this.#share;
  }

  /** The last sample. */
  get load(): Load {
    return this.#load;
  }

  /** Takes a sample; to be called several times a second. */
  sample(load: Load): void {
    this.#load = load;
    this.#exceededInRow = this.exceeded().length > 0 ? this.#exceededInRow + 1 : 0;
    if (this.#exceededInRow > FORGIVEN) this.#share = Math.max(LEAST_SHARE, this.#share * BACK_OFF);
    else if (this.#exceededInRow === 0) this.#share = Math.min(1, this.#share + RECOVERY);
  }

  /** Names of the limits the last sample exceeds. */
  exceeded(): readonly (keyof Load)[] {
    const names = Object.keys(this.#limits) as (keyof Load)[];
    return names.filter((name) => this.#load[name] > this.#limits[name]);
  }

  /** Asked once for each new call: whether to take it. Spreads the refusals evenly. */
  admits(): boolean {
    if (this.#share === 1) return true;
    this.#credit += this.#share;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}
