export interface WriteProbeOptions {
  /** Writes something small and durable. */
  readonly write: () => Promise<unknown>;
  /** Monotonic, in ms. */
  readonly now?: () => number;
}

/** However many ask, the disk is bothered once in so long. */
const FRESH_MS = 1_000;
/** A database that takes longer cannot serve. */
const LIMIT_MS = 2_000;

/** Whether the database takes writes: one that can be read may still be full, read-only or locked by somebody else. */
export class WriteProbe {
  readonly #write: () => Promise<unknown>;
  readonly #now: () => number;
  #last: { readonly at: number; readonly result: Promise<boolean> } | undefined;

  constructor({ write, now = () => performance.now() }: WriteProbeOptions) {
    this.#write = write;
    this.#now = now;
  }

  succeeds(): Promise<boolean> {
    const at = this.#now();
    if (this.#last === undefined || at - this.#last.at >= FRESH_MS) this.#last = { at, result: this.#try() };
    return this.#last.result;
  }

  #try(): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const limit = setTimeout(() => late.resolve(false), LIMIT_MS).unref();
    const written = this.#write().then(
      () => true,
      () => false,
    );
    return Promise.race([written, late.promise]).finally(() => clearTimeout(limit));
  }
}
