import type { Request } from './messages.ts';

/** Calls come in: the last urgent request is not older. */
const MEANWHILE_MS = 100;
/** Meanwhile so many others go at a time, together, as they share a commit … */
const FEW = 3;
/** … and not again before so long: they take a fifth of the store's thread then. */
const PAUSE_MS = 5;
/** As many more for each time the first of them has waited so long: less than they need would let them pile up. */
const PATIENCE_MS = 100;

interface Held {
  readonly request: Request;
  readonly since: number;
}

/**
 * Which requests go to the store's thread now. Callers wait for the urgent ones, so these always go; while calls come in the
 * others are held back here, and so are their senders, who would take the processors from the calls otherwise.
 */
export class RequestGate {
  readonly #now: () => number;
  #isUrgent: ReadonlySet<string> = new Set();
  #lastUrgentAt = Number.NEGATIVE_INFINITY;
  #urgent: Request[] = [];
  #held: Held[] = [];
  /** Others that are with the thread. */
  readonly #inside = new Set<number>();
  #lastOthersAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Names of the operations that are urgent; none before. */
  know(urgentOperations: readonly string[]): void {
    this.#isUrgent = new Set(urgentOperations);
  }

  push(request: Request): void {
    const now = this.#now();
    if (!this.#isUrgent.has(request.operation)) return void this.#held.push({ request, since: now });
    this.#lastUrgentAt = now;
    this.#urgent.push(request);
  }

  /** What goes now, the urgent ones first. */
  take(): Request[] {
    const others = this.#held.splice(0, this.#mostOthers()).map(({ request }) => request);
    if (others.length > 0) this.#lastOthersAt = this.#now();
    for (const { id } of others) this.#inside.add(id);
    return [...this.#urgent.splice(0), ...others];
  }

  /** Everything, as when the store closes. */
  takeAll(): Request[] {
    return [...this.#urgent.splice(0), ...this.#held.splice(0).map(({ request }) => request)];
  }

  answered(id: number): void {
    this.#inside.delete(id);
  }

  /** When to take again, in ms; undefined if nothing is held, or not before what is with the thread has been answered. */
  get waitMs(): number | undefined {
    if (this.#held.length === 0 || this.#inside.size > 0) return undefined;
    return Math.max(0, this.#lastOthersAt + PAUSE_MS - this.#now());
  }

  #mostOthers(): number {
    const now = this.#now();
    const [first] = this.#held;
    if (first === undefined || now - this.#lastUrgentAt >= MEANWHILE_MS) return Number.POSITIVE_INFINITY;
    if (this.#inside.size > 0 || now - this.#lastOthersAt < PAUSE_MS) return 0;
    return FEW * (1 + Math.floor((now - first.since) / PATIENCE_MS));
  }
}
