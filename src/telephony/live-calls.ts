/** A call in progress, as the registry sees it. */
export interface LiveCall {
  readonly uuid: string;
  /** Ends both legs from our side; resolves when the end is recorded. */
  hangUp(reason: string): Promise<void>;
  /** Resolves when the call is over and recorded. */
  readonly over: Promise<void>;
}

/** The calls this process holds at the moment. Rows are the truth about calls; this is only what must be hung up at a stop. */
export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>();
  readonly #ofCarrier = new Map<string, number>();

  get count(): number {
    return this.#calls.size;
  }

  add(call: LiveCall, carrierId: string): void {
    this.#calls.set(call.uuid, call);
    this.#ofCarrier.set(carrierId, this.countOf(carrierId) + 1);
    void call.over.finally(() => {
      this.#calls.delete(call.uuid);
      this.#ofCarrier.set(carrierId, this.countOf(carrierId) - 1);
    });
  }

  /** Calls this carrier has sent. */
  countOf(carrierId: string): number {
    return this.#ofCarrier.get(carrierId) ?? 0;
  }

  get(uuid: string): LiveCall | undefined {
    return this.#calls.get(uuid);
  }

  /** Waits for all calls to end, at most `limitMs`; true when none is left. */
  async wait(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([limit, Promise.all([...this.#calls.values()].map((call) => call.over))]);
    clearTimeout(timer);
    return this.count === 0;
  }

  async hangUpAll(reason: string): Promise<void> {
    await Promise.all([...this.#calls.values()].map((call) => call.hangUp(reason)));
  }
}
