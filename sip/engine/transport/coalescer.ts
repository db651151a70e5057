import type { Rest } from './end-of-turn.ts';

/** Frames and datagrams a second, both ways some five hundred calls: below that nobody waits for others. */
const BUSY_PER_SECOND = 9_000;
/** From one look at the sockets to the next while it is busy. */
const PERIOD_MS = 2;
/** Over which the rate is measured. */
const WINDOW_MS = 50;

export interface RestingClock {
  /** Monotonic, ms. */
  now(): number;
  /** Blocks the thread. */
  sleep(ms: number): void;
}

/**
 * Under load lets input gather for a moment, as network cards do with their interrupts: many small turns cost a third more
 * processor time than few large ones, most of it for waking threads and for memory gone cold. For a thread that has nothing
 * else to do; it gives away two milliseconds at most each time a message passes.
 */
export class Coalescer implements Rest {
  readonly #clock: RestingClock;
  #isBusy = false;
  #windowStart: number;
  #done = 0;
  #awakeSince: number;

  constructor(clock: RestingClock = systemRest()) {
    this.#clock = clock;
    this.#windowStart = clock.now();
    this.#awakeSince = this.#windowStart;
  }

  after(pieces: number): void {
    const now = this.#clock.now();
    this.#measure(now, pieces);
    if (!this.#isBusy) return;
    const rest = this.#awakeSince + PERIOD_MS - now;
    if (rest > 0) this.#clock.sleep(rest);
    this.#awakeSince = this.#clock.now();
  }

  #measure(now: number, pieces: number): void {
    this.#done += pieces;
    const elapsed = now - this.#windowStart;
    if (elapsed < WINDOW_MS) return;
    this.#isBusy = (this.#done / elapsed) * 1_000 > BUSY_PER_SECOND;
    this.#windowStart = now;
    this.#done = 0;
  }
}

function systemRest(): RestingClock {
  const nobodyWrites = new Int32Array(new SharedArrayBuffer(4));
  return {
    now: () => performance.now(),
    sleep: (ms) => void Atomics.wait(nobodyWrites, 0, 0, ms),
  };
}
