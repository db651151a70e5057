import type { SipMessage } from '../message/message.ts';
import type { Flow, Target, Transport } from '../transport/transport.ts';
import type { TimerSettings } from './timer-settings.ts';
import { Timer, type TimerOwner, type TimerWheel } from './timer-wheel.ts';
import type { TransactionCounters } from './transaction-counters.ts';

/** What every transaction shares. */
export interface TransactionContext {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  readonly timers: TimerSettings;
  readonly counters: TransactionCounters;
  /** Called once by each transaction when it reaches its terminated state. */
  forget(transaction: Transaction<never>): void;
}

/** One row of a machine. A handler that is missing means: ignored in this state. */
export interface State<Tx> {
  readonly name:
    | 'calling'
    | 'trying'
    | 'proceeding'
    | 'cancelling'
    | 'accepted'
    | 'completed'
    | 'confirmed'
    | 'late'
    | 'terminated';
  enter?(tx: Tx): void;
  leave?(tx: Tx): void;
  message?(tx: Tx, message: SipMessage, flow: Flow): void;
  /** The resend timer fired: A, E or G. */
  resend?(tx: Tx): void;
  /** The deadline fired: any of the other timers; a state has one at most. */
  expire?(tx: Tx): void;
}

/** A machine with two timers (RFC 3261 §17): the resend timer dies with its state, the deadline when another is set. */
export abstract class Transaction<Self> implements TimerOwner {
  readonly key: string;
  readonly target: Target;
  readonly context: TransactionContext;
  abstract state: State<Self>;
  /** Only while the state sends again: the state that lingers longest does not. */
  #resendTimer: Timer | undefined;
  readonly #deadline = new Timer(this);
  #resendMs = 0;

  constructor(context: TransactionContext, key: string, target: Target) {
    this.context = context;
    this.key = key;
    this.target = target;
  }

  /** Under what its repetitions are counted. */
  abstract readonly resends: 'resentRequests' | 'resentResponses';

  get isReliable(): boolean {
    return this.target.protocol !== 'udp';
  }

  go(state: State<Self>): void {
    this.#stopResending();
    this.state.leave?.(this.#self);
    this.state = state;
    state.enter?.(this.#self);
    if (state.name === 'terminated') this.#end();
  }

  receive(message: SipMessage, flow: Flow): void {
    this.state.message?.(this.#self, message, flow);
  }

  onTimer(timer: Timer): void {
    if (timer === this.#deadline) this.state.expire?.(this.#self);
    else {
      this.context.counters[this.resends] += 1;
      this.state.resend?.(this.#self);
    }
  }

  /** Starts the resend timer at T1; nothing on a reliable transport. */
  startResending(): void {
    this.resendAfter(this.context.timers.t1);
  }

  /** Restarts the resend timer at twice its last interval, or at `capMs`. */
  backOff(capMs = Number.POSITIVE_INFINITY): void {
    this.resendAfter(Math.min(2 * this.#resendMs, capMs));
  }

  resendAfter(ms: number): void {
    if (this.isReliable) return;
    this.#resendMs = ms;
    this.#resendTimer ??= new Timer(this);
    this.context.wheel.start(this.#resendTimer, ms);
  }

  expireAfter(ms: number): void {
    this.context.wheel.start(this.#deadline, ms);
  }

  #stopResending(): void {
    if (this.#resendTimer === undefined) return;
    this.context.wheel.stop(this.#resendTimer);
    this.#resendTimer = undefined;
  }

  #end(): void {
    this.context.wheel.stop(this.#deadline);
    this.context.forget(this as unknown as Transaction<never>);
  }

  get #self(): Self {
    return this as unknown as Self;
  }
}
