/** A postback that was answered 200. */
export interface Acknowledged {
  readonly ref: string;
  readonly status: string;
  /** What the call must be worth now; absent for tags. */
  readonly revenue: string | undefined;
}

/** A call as its buyer and its caller saw it: the truth the database is compared with. */
export interface SeenCall {
  readonly uuid: string;
  readonly key: string;
  readonly buyer: string;
  readonly callerNumber: string;
  /** The caller has had its 200. */
  isAnswered: boolean;
  readonly acknowledged: Acknowledged[];
}

/** Everything the peers of the service have seen, whatever became of the service. */
export class SeenCalls {
  readonly #byUuid = new Map<string, SeenCall>();
  readonly #byCaller = new Map<string, SeenCall>();

  /** The caller's 200 came; the buyer's INVITE came before it. */
  answered(callerNumber: string): void {
    const call = this.#byCaller.get(callerNumber);
    if (call !== undefined) call.isAnswered = true;
  }

  handedOut(call: Omit<SeenCall, 'isAnswered' | 'acknowledged'>): SeenCall {
    const known = this.#byUuid.get(call.uuid);
    if (known !== undefined) return known;
    const seen = { ...call, isAnswered: false, acknowledged: [] };
    this.#byUuid.set(call.uuid, seen);
    this.#byCaller.set(call.callerNumber, seen);
    return seen;
  }

  all(): readonly SeenCall[] {
    return [...this.#byUuid.values()];
  }

  /** As it is now: what is acknowledged while a check runs does not count. */
  snapshot(): readonly SeenCall[] {
    return this.all().map((call) => ({ ...call, acknowledged: [...call.acknowledged] }));
  }
}
