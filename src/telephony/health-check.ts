import type { Logger } from '../log.ts';

export interface HealthDeps {
  /** Sends OPTIONS; the final status, or undefined when none came in time. */
  readonly ask: (uri: string) => Promise<number | undefined>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** One lost packet is no outage. */
const FAILURES_UNTIL_UNHEALTHY = 2;
const LONGEST_WAIT_MS = 300_000;

/** Asks one URI again and again, from now on; ever more seldom while it does not answer. */
export class HealthCheck {
  readonly uri: string;
  readonly intervalMs: number;
  readonly #deps: HealthDeps;
  #failures: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(uri: string, intervalMs: number, deps: HealthDeps, wasHealthy = true) {
    this.uri = uri;
    this.intervalMs = intervalMs;
    this.#deps = deps;
    this.#failures = wasHealthy ? 0 : FAILURES_UNTIL_UNHEALTHY;
    this.#wait(intervalMs * deps.random()); // a restart does not ask everybody at once
  }

  get isHealthy(): boolean {
    return this.#failures < FAILURES_UNTIL_UNHEALTHY;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => void this.#ask(), ms).unref();
  }

  async #ask(): Promise<void> {
    const status = await this.#deps.ask(this.uri).catch(() => undefined);
    if (this.#stopped) return;
    this.#note(status);
    const backOff = this.isHealthy ? 1 : 2 ** Math.min(this.#failures - FAILURES_UNTIL_UNHEALTHY + 1, 16);
    const wait = Math.max(Math.min(this.intervalMs * backOff, LONGEST_WAIT_MS), this.intervalMs);
    this.#wait(wait * (0.9 + 0.2 * this.#deps.random()));
  }

  /** Whoever answers is there, whatever it thinks of OPTIONS; 408 and 503 say that nobody is (RFC 3261 §8.1.3.1). */
  #note(status: number | undefined): void {
    const wasHealthy = this.isHealthy;
    const isAnswer = status !== undefined && status !== 408 && status !== 503;
    this.#failures = isAnswer ? 0 : this.#failures + 1;
    if (this.isHealthy === wasHealthy) return;
    const fields = { destination: this.uri, sipStatus: status };
    if (this.isHealthy) this.#deps.log.info(fields, 'destination answers again');
    else this.#deps.log.warn(fields, 'destination does not answer: skipped until it does');
  }
}
