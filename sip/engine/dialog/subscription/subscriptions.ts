import { Alarm } from '../../transaction/alarm.ts';
import type { TimerWheel } from '../../transaction/timer-wheel.ts';

/**
 * The subscriptions of a dialog that a SUBSCRIBE made; the dialog ends with the last of them (RFC 6665 §4.4.1).
 * Those in the dialog of a call have no such list: they end with the call (DEVIATION, RFC 5057 §4.1).
 */
export class Subscriptions {
  readonly #wheel: TimerWheel;
  readonly #graceMs: number;
  readonly #onLast: () => void;
  readonly #byEvent = new Map<string, Alarm>();

  /** A subscription neither refreshed nor ended is dropped `graceMs` after its time. */
  constructor(wheel: TimerWheel, graceMs: number, onLast: () => void) {
    this.#wheel = wheel;
    this.#graceMs = graceMs;
    this.#onLast = onLast;
  }

  get events(): readonly string[] {
    return [...this.#byEvent.keys()];
  }

  has(event: string): boolean {
    return this.#byEvent.has(event);
  }

  /** Begins it, or gives it so much time from now on. */
  keep(event: string, seconds: number): void {
    const alarm = this.#byEvent.get(event) ?? new Alarm(this.#wheel, () => this.end(event));
    this.#byEvent.set(event, alarm);
    alarm.start(seconds * 1_000 + this.#graceMs);
  }

  end(event: string): void {
    this.#byEvent.get(event)?.stop();
    if (this.#byEvent.delete(event) && this.#byEvent.size === 0) this.#onLast();
  }

  /** The dialog is over: no more alarms. */
  stop(): void {
    for (const alarm of this.#byEvent.values()) alarm.stop();
    this.#byEvent.clear();
  }
}
