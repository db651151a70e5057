import { sourceKey } from '../receive/source-key.ts';

/** Counts the connections that each peer made to us. */
export class ConnectionQuota {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True if the peer may have one more, which is then counted until `release`. */
  admits(address: string): boolean {
    const key = sourceKey(address);
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  release(address: string): void {
    const key = sourceKey(address);
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
