import type { CallOutcome } from '../domain/call-outcome.ts';

/** Told of every INVITE that was not taken and of every call that is over, for whoever watches. */
export interface CallMeter {
  callRefused(cause: string): void;
  callEnded(call: Pick<CallOutcome, 'result' | 'fault'> & CallTimes): void;
}

export interface CallTimes {
  /** INVITE to our 200; undefined where nobody answered. */
  readonly setUpMs: number | undefined;
  readonly connectedMs: number | undefined;
}

/** Times of one call by a clock that is never set back. */
export class CallStopwatch {
  readonly #arrivedAt = performance.now();
  #answeredAt: number | undefined;

  answered(): void {
    this.#answeredAt ??= performance.now();
  }

  /** As they are now, when the call is over. */
  get times(): CallTimes {
    if (this.#answeredAt === undefined) return { setUpMs: undefined, connectedMs: undefined };
    return { setUpMs: this.#answeredAt - this.#arrivedAt, connectedMs: performance.now() - this.#answeredAt };
  }
}
