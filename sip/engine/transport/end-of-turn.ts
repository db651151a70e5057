/** What the thread does when a turn is over; see `Coalescer`. */
export interface Rest {
  /** After a turn in which so many pieces of work were done. */
  after(pieces: number): void;
}

/** Puts work off to the end of this turn of the event loop, so that what all its input gives to write leaves together. */
export class EndOfTurn {
  readonly #rest: Rest | undefined;
  #due: (() => void)[] = [];
  #pieces = 0;

  constructor(rest?: Rest) {
    this.#rest = rest;
  }

  /** Notes a piece of work that this turn has done: a frame or a datagram. */
  count(): void {
    this.#pieces += 1;
  }

  /** Calls `work`, which throws nothing, once this turn's input is read; in the order given. */
  do(work: () => void): void {
    if (this.#due.length === 0) setImmediate(this.#run);
    this.#due.push(work);
  }

  readonly #run = (): void => {
    const due = this.#due;
    this.#due = [];
    for (const work of due) work();
    this.#rest?.after(this.#pieces);
    this.#pieces = 0;
  };
}
