import type { Clock } from '../../../sip/engine/transaction/clock.ts';

/** A clock that stands still until told to move. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #tickers = new Set<{ everyMs: number; nextAt: number; onTick: () => void }>();

  now(): number {
    return this.#now;
  }

  tickEvery(everyMs: number, onTick: () => void): () => void {
    const ticker = { everyMs, nextAt: this.#now + everyMs, onTick };
    this.#tickers.add(ticker);
    return () => this.#tickers.delete(ticker);
  }

  /** Lets everything happen that is due in the next `ms`. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = Math.min(end, ...[...this.#tickers].map((ticker) => ticker.nextAt));
      this.#now = next;
      for (const ticker of [...this.#tickers]) {
        if (ticker.nextAt > next) continue;
        ticker.nextAt += ticker.everyMs;
        ticker.onTick();
      }
      if (next >= end) return;
    }
  }
}
