import type { SipResponse } from '../message/message.ts';
import type { ClientTransactionUser } from '../transaction/client-transaction.ts';
import { giveUpMs } from '../transaction/timer-settings.ts';
import type { TransactionContext } from '../transaction/transaction.ts';
import type { Flow, Target } from '../transport/transport.ts';

/** Targets tried for one branch, however many its name has. */
const MAX_TARGETS = 5;

/** Whose request is carried from target to target. */
export interface WalkingUser extends ClientTransactionUser {
  /** False once another target would help nobody: the request is cancelled, or who asked for it is gone. */
  readonly mayMoveOn: boolean;
}

/**
 * One forwarded request and the targets its name has (RFC 3263 §4.3). When one fails (no way to it, silence, 503) the request goes to
 * the next in a transaction of its own; only the last failure is told. A target that has said anything is no longer
 * given up for silence, one that has rung for nothing. No target is begun later than 2·64·T1 after the first.
 */
export class TargetWalk implements ClientTransactionUser {
  readonly #user: WalkingUser;
  readonly #context: TransactionContext;
  readonly #rest: Target[];
  readonly #send: (target: Target) => void;
  readonly #lastStart: number;
  #isHeard = false;
  #hasRung = false;

  /** `send` starts a transaction to the target with this walk as its user; not called for the first. */
  constructor(context: TransactionContext, user: WalkingUser, rest: readonly Target[], send: (target: Target) => void) {
    this.#context = context;
    this.#user = user;
    this.#rest = rest.slice(0, MAX_TARGETS - 1);
    this.#send = send;
    this.#lastStart = context.wheel.now + 2 * giveUpMs(context.timers);
  }

  onResponse(response: SipResponse, flow: Flow): void {
    if (response.status === 503 && !this.#hasRung && this.#moveOn()) return;
    this.#isHeard = true;
    this.#hasRung ||= response.status > 100;
    this.#user.onResponse(response, flow);
  }

  onTimeout(): void {
    if (this.#isHeard || !this.#moveOn()) this.#user.onTimeout();
  }

  onSilence(): void {
    this.#user.onSilence?.();
  }

  onTransportError(error: Error): void {
    if (this.#isHeard || !this.#moveOn()) this.#user.onTransportError(error);
  }

  #moveOn(): boolean {
    const next = this.#rest[0];
    if (next === undefined || !this.#user.mayMoveOn || this.#context.wheel.now > this.#lastStart) return false;
    this.#rest.shift();
    this.#isHeard = false;
    this.#send(next);
    return true;
  }
}
