import { performance } from 'node:perf_hooks';
import type { Log } from '../transaction/log.ts';
import type { Load, OverloadGuard } from './overload-guard.ts';

const SAMPLE_EVERY_MS = 100;
const LOG_EVERY_MS = 10_000;
const BUSY = 0.8;

/** What the meter cannot see by itself. */
export interface LoadSources {
  receiveQueueShare(): number;
  applicationLagMs(): number;
  queuedBytes(): number;
  waitingInvites(): number;
  /** New calls turned away since start. */
  turnedAway(): number;
}

/** Measures this thread ten times a second for the guard, and tells the operator when calls are turned away. */
export class LoadMeter {
  readonly #guard: OverloadGuard;
  readonly #sources: LoadSources;
  readonly #log: Log;
  readonly #interval: NodeJS.Timeout;
  #sampledAt = performance.now();
  #loop = performance.eventLoopUtilization();
  #loggedAt = Number.NEGATIVE_INFINITY;
  #loggedTurnedAway = 0;

  constructor(guard: OverloadGuard, sources: LoadSources, log: Log) {
    this.#guard = guard;
    this.#sources = sources;
    this.#log = log;
    this.#interval = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#interval);
  }

  #sample(): void {
    this.#guard.sample(this.#measure());
    const turnedAway = this.#sources.turnedAway() - this.#loggedTurnedAway;
    if (turnedAway === 0 || this.#sampledAt - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = this.#sampledAt;
    this.#loggedTurnedAway += turnedAway;
    const { load, share } = this.#guard;
    this.#log('warn', 'overloaded, new calls are turned away', { turnedAway, share, ...load });
  }

  #measure(): Load {
    const now = performance.now();
    const lagMs = Math.max(0, now - this.#sampledAt - SAMPLE_EVERY_MS);
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    this.#sampledAt = now;
    this.#loop = loop;
    return {
      lagMs,
      // Only a busy thread has a queue: looking costs a system call.
      receiveQueueShare: utilization > BUSY ? this.#sources.receiveQueueShare() : 0,
      applicationLagMs: this.#sources.applicationLagMs(),
      queuedBytes: this.#sources.queuedBytes(),
      waitingInvites: this.#sources.waitingInvites(),
    };
  }
}
