import type { Request } from './messages.ts';

/** Requests in one transaction: enough to share an fsync, few enough to answer soon. */
const LARGEST_BATCH = 128;
/** Of a batch while calls come in: their next request finds the thread free soon. */
const OTHERS_MEANWHILE = 4;
/** Calls come in: the last urgent request is not older. */
const MEANWHILE_MS = 100;

export interface Batch {
  /** The urgent ones first. */
  readonly requests: readonly Request[];
  /** So many of them run in any case, the rest if there is time. */
  readonly mustRun: number;
}

/**
 * What waits for the database. Callers wait for the urgent requests, so these go first, and others come a few at a time while
 * there are any; for the rest in order of arrival.
 */
export class RequestQueue {
  readonly #isUrgent: ReadonlySet<string>;
  readonly #now: () => number;
  #lastUrgentAt = Number.NEGATIVE_INFINITY;
  #urgent: Request[] = [];
  #others: Request[] = [];

  constructor(urgentOperations: readonly string[], now: () => number = () => performance.now()) {
    this.#isUrgent = new Set(urgentOperations);
    this.#now = now;
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
    const now = this.#now();
    if (this.#urgent.length > 0) this.#lastUrgentAt = now;
    const urgent = this.#urgent.splice(0, LARGEST_BATCH - OTHERS_MEANWHILE);
    const most = now - this.#lastUrgentAt < MEANWHILE_MS ? OTHERS_MEANWHILE : LARGEST_BATCH;
    const others = this.#others.splice(0, most);
    return { requests: [...urgent, ...others], mustRun: urgent.length + Math.min(1, others.length) };
  }

  /** The end of a batch for which there was no time: first of all next time. */
  putBack(requests: readonly Request[]): void {
    this.#others.unshift(...requests);
  }
}
