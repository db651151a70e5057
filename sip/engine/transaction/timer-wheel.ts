import type { Clock } from './clock.ts';

const TICK_MS = 10;
/** 8192 slots of 10 ms: every SIP timer but C fits in one turn of the wheel. */
const SLOTS = 8192;

/** Told when one of its timers fires. */
export interface TimerOwner {
  onTimer(timer: Timer): void;
}

/** One restartable timer, part of its owner; a link in the wheel's lists rather than a timer of the system. */
export class Timer {
  next: Timer | undefined;
  previous: Timer | undefined;
  /** Tick at which it fires; -1 when not running. */
  dueTick = -1;
  readonly owner: TimerOwner;

  constructor(owner: TimerOwner) {
    this.owner = owner;
  }

  get isRunning(): boolean {
    return this.dueTick >= 0;
  }
}

/** All timers of the engine on one system timer: start and stop are a few pointer writes, never early, late by up to a tick. */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #slots: (Timer | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #startedAt: number;
  readonly #onFault: (error: unknown) => void;
  #tick = 0;
  #running = 0;
  #stopTicking: (() => void) | undefined;

  /** `onFault`: what an owner threw; its timer has fired all the same, and the others fire. Thrown on unless given. */
  constructor(clock: Clock, onFault: (error: unknown) => void = rethrow) {
    this.#clock = clock;
    this.#onFault = onFault;
    this.#startedAt = clock.now();
  }

  /** Of the clock it goes by, in ms. */
  get now(): number {
    return this.#clock.now();
  }

  /** Timers waiting to fire. */
  get size(): number {
    return this.#running;
  }

  /** (Re)starts the timer. */
  start(timer: Timer, delayMs: number): void {
    this.stop(timer);
    if (this.#running === 0) this.#wake();
    const elapsedMs = this.#clock.now() - this.#startedAt;
    this.#link(timer, Math.max(Math.ceil((elapsedMs + delayMs) / TICK_MS), this.#tick + 1));
    this.#running += 1;
  }

  stop(timer: Timer): void {
    if (!timer.isRunning) return;
    this.#unlink(timer);
    this.#running -= 1;
    if (this.#running === 0) this.#sleep();
  }

  /** Forgets everything; nothing fires afterwards. */
  close(): void {
    this.#slots.fill(undefined);
    this.#running = 0;
    this.#sleep();
  }

  #wake(): void {
    if (this.#stopTicking !== undefined) return;
    this.#tick = Math.floor((this.#clock.now() - this.#startedAt) / TICK_MS);
    this.#stopTicking = this.#clock.tickEvery(TICK_MS, () => this.#advance());
  }

  #sleep(): void {
    this.#stopTicking?.();
    this.#stopTicking = undefined;
  }

  #advance(): void {
    const target = Math.floor((this.#clock.now() - this.#startedAt) / TICK_MS);
    while (this.#tick < target && this.#running > 0) {
      this.#tick += 1;
      this.#fireSlot(this.#tick);
    }
    this.#tick = Math.max(this.#tick, target);
  }

  #fireSlot(tick: number): void {
    const due: Timer[] = [];
    for (let timer = this.#slots[tick % SLOTS]; timer !== undefined; timer = timer.next) {
      if (timer.dueTick <= tick) due.push(timer);
    }
    // A timer stopped or restarted by one that fired before it in this tick is no longer due.
    for (const timer of due) {
      if (timer.dueTick !== tick) continue;
      this.stop(timer);
      this.#fire(timer);
    }
  }

  #fire(timer: Timer): void {
    try {
      timer.owner.onTimer(timer);
    } catch (error) {
      this.#onFault(error);
    }
  }

  #link(timer: Timer, dueTick: number): void {
    const slot = dueTick % SLOTS;
    const head = this.#slots[slot];
    timer.dueTick = dueTick;
    timer.previous = undefined;
    timer.next = head;
    if (head !== undefined) head.previous = timer;
    this.#slots[slot] = timer;
  }

  #unlink(timer: Timer): void {
    if (timer.previous !== undefined) timer.previous.next = timer.next;
    else this.#slots[timer.dueTick % SLOTS] = timer.next;
    if (timer.next !== undefined) timer.next.previous = timer.previous;
    timer.next = undefined;
    timer.previous = undefined;
    timer.dueTick = -1;
  }
}

function rethrow(error: unknown): never {
  throw error;
}
