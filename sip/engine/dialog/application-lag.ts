import type { Application } from './application.ts';

const ENOUGH = 5;
const WINDOW_MS = 1_000;

/**
 * How far applications are behind, taken from what they answer without thinking: the ACK to a 2xx and the response to a
 * BYE. The quickest answer counts, since an application may have its reasons to take its time with some.
 */
export class ApplicationLag {
  readonly #now: () => number;
  readonly #quickest = new Map<Application, number>();
  #answers = 0;
  #since: number;
  #lagMs = 0;

  /** `now` in ms of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** An application has answered what it was told at `toldAt`. */
  answered(application: Application, toldAt: number): void {
    const delay = this.#now() - toldAt;
    this.#answers += 1;
    this.#quickest.set(application, Math.min(delay, this.#quickest.get(application) ?? delay));
  }

  /** Of the application that is furthest behind, in ms; 0 when too few answers came in the last second to tell. */
  measure(): number {
    if (this.#answers >= ENOUGH) this.#restart(Math.max(...this.#quickest.values()));
    else if (this.#now() - this.#since > WINDOW_MS) this.#restart(0);
    return this.#lagMs;
  }

  #restart(lagMs: number): void {
    this.#lagMs = lagMs;
    this.#answers = 0;
    this.#quickest.clear();
    this.#since = this.#now();
  }
}
