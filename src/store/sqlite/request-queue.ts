import type { Request } from './messages.ts';

/** Requests in one transaction: enough to share an fsync, few enough to answer soon. */
const LARGEST_BATCH = 128;
/** Places in it that no number of urgent requests takes. */
const LEFT_FOR_OTHERS = 4;

export interface Batch {
  /** The urgent ones first. */
  readonly requests: readonly Request[];
  /** So many of them run in any case, the rest if there is time. */
  readonly mustRun: number;
}

/**
 * What waits in the store's thread. Callers wait for the urgent requests, so these go first, leaving room for others; for the
 * rest in order of arrival.
 */
export class RequestQueue {
  readonly #isUrgent: ReadonlySet<string>;
  #urgent: Request[] = [];
  #others: Request[] = [];

  constructor(urgentOperations: readonly string[]) {
    this.#isUrgent = new Set(urgentOperations);
  }

  get length(): number {
    return this.#urgent.length + this.#others.length;
  }

  push(requests: readonly Request[]): void {
    for (const request of requests) {
      if (this.#isUrgent.has(request.operation)) this.#urgent.push(request);
      else this.#others.push(request);
    }
  }

  take(): Batch {
    const urgent = this.#urgent.splice(0, LARGEST_BATCH - LEFT_FOR_OTHERS);
    const others = this.#others.splice(0, LARGEST_BATCH - urgent.length);
    return { requests: [...urgent, ...others], mustRun: urgent.length + Math.min(1, others.length) };
  }

  /** The end of a batch for which there was no time: first of all next time. */
  putBack(requests: readonly Request[]): void {
    this.#others.unshift(...requests);
  }
}
