export interface SlotLimits {
  readonly total: number;
  /** Of one endpoint: scheme, host and port. */
  readonly perOrigin: number;
}

interface Waiter {
  readonly origin: string;
  readonly start: () => void;
}

/** Bounds how many requests are under way, in all and per endpoint; who waits for a busy endpoint lets others pass. */
export class DeliverySlots {
  readonly #limits: SlotLimits;
  readonly #used = new Map<string, number>();
  #total = 0;
  #waiters: Waiter[] = [];

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  get free(): number {
    return Math.max(0, this.#limits.total - this.#total - this.#waiters.length);
  }

  isBusy(origin: string): boolean {
    return (this.#used.get(origin) ?? 0) >= this.#limits.perOrigin;
  }

  /** Resolves when the slot is taken; the caller must release it. */
  async acquire(origin: string): Promise<void> {
    if (this.#hasRoom(origin)) return this.#take(origin);
    await new Promise<void>((start) => this.#waiters.push({ origin, start }));
  }

  release(origin: string): void {
    const used = (this.#used.get(origin) ?? 1) - 1;
    if (used === 0) this.#used.delete(origin);
    else this.#used.set(origin, used);
    this.#total -= 1;
    const next = this.#waiters.find((waiter) => this.#hasRoom(waiter.origin));
    if (next === undefined) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter !== next);
    this.#take(next.origin);
    next.start();
  }

  #hasRoom(origin: string): boolean {
    return this.#total < this.#limits.total && !this.isBusy(origin);
  }

  #take(origin: string): void {
    this.#used.set(origin, (this.#used.get(origin) ?? 0) + 1);
    this.#total += 1;
  }
}
