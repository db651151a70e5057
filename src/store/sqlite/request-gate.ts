import type { Priorities, Request } from './messages.ts';

/** Calls come in: the last urgent request is not older. */
const MEANWHILE_MS = 100;
/** Meanwhile so many patient ones go at a time, together, as they share a commit … */
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
 * Which requests go to the store's thread now: all but the patient ones. While calls come in these are held back here, and so
 * are their senders, who would take the processors from the calls otherwise.
 */
export class RequestGate {
  readonly #now: () => number;
  #isUrgent: ReadonlySet<string> = new Set();
  #patient: ReadonlySet<string> = new Set();
  #lastUrgentAt = Number.NEGATIVE_INFINITY;
  #ready: Request[] = [];
  #held: Held[] = [];
  /** Patient ones that are with the thread. */
  readonly #inside = new Set<number>();
  #lastPatientAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Before, every request is like any other. */
  know({ urgent, patient }: Priorities): void {
    this.#isUrgent = new Set(urgent);
    this.#patient = new Set(patient);
  }

  isPatient(operation: string): boolean {
    return this.#patient.has(operation);
  }

  push(request: Request): void {
    const now = this.#now();
    if (this.#isUrgent.has(request.operation)) this.#lastUrgentAt = now;
    if (this.isPatient(request.operation)) this.#held.push({ request, since: now });
    else this.#ready.push(request);
  }

  /** What goes now. */
  take(): Request[] {
    const patient = this.#held.splice(0, this.#mostPatient()).map(({ request }) => request);
    if (patient.length > 0) this.#lastPatientAt = this.#now();
    for (const { id } of patient) this.#inside.add(id);
    return [...this.#ready.splice(0), ...patient];
  }

  /** Everything, as when the store closes. */
  takeAll(): Request[] {
    return [...this.#ready.splice(0), ...this.#held.splice(0).map(({ request }) => request)];
  }

  answered(id: number): void {
    this.#inside.delete(id);
  }

  /** When to take again, in ms; undefined if nothing is held, or not before what is with the thread has been answered. */
  get waitMs(): number | undefined {
    if (this.#held.length === 0 || this.#inside.size > 0) return undefined;
    return Math.max(0, this.#lastPatientAt + PAUSE_MS - this.#now());
  }

  #mostPatient(): number {
    const now = this.#now();
    const [first] = this.#held;
    if (first === undefined || now - this.#lastUrgentAt >= MEANWHILE_MS) return Number.POSITIVE_INFINITY;
    if (this.#inside.size > 0 || now - this.#lastPatientAt < PAUSE_MS) return 0;
    return FEW * (1 + Math.floor((now - first.since) / PATIENCE_MS));
  }
}
