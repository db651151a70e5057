import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 5_000;
/** Below that there is little to give back. */
const WORTH_COLLECTING = 2_000;

/**
 * Gives memory back to the system after a rush: a quiet thread allocates nothing, so it would never collect the garbage
 * of the rush by itself. Takes some 50 ms, when there is next to nothing else to do.
 */
export class IdleCollector {
  readonly #active: () => number;
  readonly #collect: () => void;
  readonly #interval: NodeJS.Timeout;
  #peak = 0;

  /** `active`: how many things are going on now. */
  constructor(active: () => number, collect = collectGarbage) {
    this.#active = active;
    this.#collect = collect;
    this.#interval = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#interval.unref();
  }

  look(): void {
    const active = this.#active();
    this.#peak = Math.max(this.#peak, active);
    if (this.#peak < WORTH_COLLECTING || active > this.#peak / 10) return;
    this.#peak = active;
    this.#collect();
  }

  close(): void {
    clearInterval(this.#interval);
  }
}

/** Every page that can be freed goes back to the system. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: object) => void;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
