import type { Logger } from '../log.ts';

export interface JobCounts {
  readonly runs: number;
  readonly failures: number;
  /** Times it was due while it still ran. */
  readonly overlaps: number;
}

/** A named piece of work that never runs twice at once; a failure is logged and the next time is a new chance. */
export class Job {
  readonly name: string;
  readonly #work: () => Promise<void>;
  readonly #log: Logger;
  readonly #counts = { runs: 0, failures: 0, overlaps: 0 };
  #running: Promise<void> | undefined;

  constructor(name: string, work: () => Promise<void>, log: Logger) {
    this.name = name;
    this.#work = work;
    this.#log = log.child({ job: name });
  }

  get counts(): JobCounts {
    return { ...this.#counts };
  }

  /** Runs now, unless it runs already; never rejects. */
  async run(): Promise<void> {
    if (this.#running !== undefined) {
      this.#counts.overlaps += 1;
      return;
    }
    this.#running = this.#runOnce();
    await this.#running;
    this.#running = undefined;
  }

  /** Resolves when no run is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #runOnce(): Promise<void> {
    const startedAt = performance.now();
    this.#counts.runs += 1;
    try {
      await this.#work();
    } catch (err) {
      this.#counts.failures += 1;
      this.#log.error({ err, elapsedMs: Math.round(performance.now() - startedAt) }, 'job failed');
    }
  }
}
