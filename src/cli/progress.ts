/** The part of a terminal that is written to. */
export interface ProgressTerminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const WIDTH = 30;
/** Work that is over sooner shows nothing. */
const SHOWN_AFTER_MS = 500;
const DRAWN_EVERY_MS = 100;
/** The clock is not asked for each single step. */
const STEPS_AT_ONCE = 256;

/** Shows on a terminal how far long work is, and nothing where the output goes elsewhere. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #terminal: ProgressTerminal;
  readonly #now: () => number;
  readonly #begunAt: number;
  #done = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(
    label: string,
    total: number,
    terminal: ProgressTerminal = process.stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#label = label;
    this.#total = Math.max(1, total);
    this.#terminal = terminal;
    this.#now = now;
    this.#begunAt = now();
  }

  /** One more is done. */
  step(): void {
    this.#done += 1;
    if (this.#terminal.isTTY !== true || this.#done % STEPS_AT_ONCE !== 0) return;
    const now = this.#now();
    if (now - this.#begunAt < SHOWN_AFTER_MS || now - this.#drawnAt < DRAWN_EVERY_MS) return;
    this.#drawnAt = now;
    this.#terminal.write(`\r\x1b[2K${this.#line(now)}`);
  }

  /** Leaves the line empty. */
  end(): void {
    if (this.#drawnAt > Number.NEGATIVE_INFINITY) this.#terminal.write('\r\x1b[2K');
  }

  #line(now: number): string {
    const share = Math.min(1, this.#done / this.#total);
    const full = Math.round(share * WIDTH);
    const left = ((now - this.#begunAt) / this.#done) * Math.max(0, this.#total - this.#done);
    const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
    const count = `${this.#done.toLocaleString('en')} of ${this.#total.toLocaleString('en')}`;
    return `${this.#label} ${bar} ${Math.floor(share * 100)} %  ${count}, ${Math.ceil(left / 1_000)} s left`;
  }
}
