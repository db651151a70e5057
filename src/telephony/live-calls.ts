import type { CallEnding } from '../domain/call-outcome.ts';

/** Why we end a call: the service stops, or somebody wants it. */
export type HangUpReason = 'shutdown' | 'operator';

/** A call in progress, as the registry sees it. */
export interface LiveCall {
  readonly uuid: string;
  /** Ends both legs from our side; resolves when the end is recorded. */
  hangUp(reason: HangUpReason): Promise<void>;
  /** The SIP server is away and its dialogs with it: nothing more can be heard of the call. */
  lose(): void;
  /** Resolves when the call is over and recorded. */
  readonly over: Promise<CallEnding>;
}

/** The calls this process holds at the moment. Rows are the truth about calls; this is only what must be hung up at a stop. */
export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>();
  readonly #ofCarrier = new Map<string, number>();
  readonly #endings = new Map<CallEnding, number>();

  get count(): number {
    return this.#calls.size;
  }

  /** How the calls since the start ended, and how many each way: what nobody hung up is among them. */
  get endings(): ReadonlyMap<CallEnding, number> {
    return this.#endings;
  }

  add(call: LiveCall, carrierId: string): void {
    this.#calls.set(call.uuid, call);
    this.#ofCarrier.set(carrierId, this.countOf(carrierId) + 1);
    void call.over.then((ending) => {
      this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
      this.#calls.delete(call.uuid);
      this.#ofCarrier.set(carrierId, this.countOf(carrierId) - 1);
    });
  }

  get uuids(): readonly string[] {
    return [...this.#calls.keys()];
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

  /** See `LiveCall.lose`. */
  loseAll(): void {
    for (const call of [...this.#calls.values()]) call.lose();
  }

  async hangUpAll(reason: HangUpReason): Promise<void> {
    await Promise.all([...this.#calls.values()].map((call) => call.hangUp(reason)));
  }
}
