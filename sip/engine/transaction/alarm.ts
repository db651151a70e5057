import { Timer, type TimerOwner, type TimerWheel } from './timer-wheel.ts';

/** A timer for whoever is not a transaction: rings once, unless stopped. */
export class Alarm implements TimerOwner {
  readonly #timer = new Timer(this);
  readonly #wheel: TimerWheel;
  readonly #ring: () => void;

  constructor(wheel: TimerWheel, ring: () => void) {
    this.#wheel = wheel;
    this.#ring = ring;
  }

  /** (Re)starts it. */
  start(delayMs: number): void {
    this.#wheel.start(this.#timer, delayMs);
  }

  stop(): void {
    this.#wheel.stop(this.#timer);
  }

  onTimer(): void {
    this.#ring();
  }
}
