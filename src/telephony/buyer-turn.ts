import type { Buyer } from '../domain/buyer.ts';
import type { Destination } from '../domain/destination.ts';
import { nextAfter } from '../domain/routing.ts';
import { Attempt, type AttemptResult, type StopReason } from './attempt.ts';
import { releaseBuyer } from './buyer-leg.ts';
import type { Dial, Dialling, Tried } from './dialling.ts';
import { timerHeadersForBuyer } from './session-timer.ts';
import type { SipResponse } from './srf.ts';

/** Whom a turn is for: a buyer, or nobody for the campaign's last resort. */
export interface TurnOf {
  readonly buyer: Buyer | undefined;
  readonly destinations: readonly Destination[];
  readonly ringTimeoutMs: number;
  /** Nobody else rings at the same time. */
  readonly isAlone: boolean;
}

/** One buyer's turn: its destinations in order, on to the next only where that may reach the same people (semantics §6). */
export class BuyerTurn {
  readonly buyer: Buyer | undefined;
  readonly #of: TurnOf;
  readonly #dialling: Dialling;
  readonly #onProvisional: (response: SipResponse) => void;
  #attempt: Attempt | undefined;
  #stopped: StopReason | undefined;
  #gone: Promise<unknown> = Promise.resolve();

  constructor(of: TurnOf, dialling: Dialling, onProvisional: (response: SipResponse) => void) {
    this.buyer = of.buyer;
    this.#of = of;
    this.#dialling = dialling;
    this.#onProvisional = onProvisional;
  }

  /** The attempt that answered, else the last one; undefined when nothing could be dialled. */
  async run(): Promise<Tried | undefined> {
    let last: Tried | undefined;
    if (this.buyer !== undefined) await this.#dialling.selected(this.buyer);
    for (const destination of this.#of.destinations) {
      if (this.#stopped !== undefined) break;
      const dial = this.#dialling.prepare(destination, this.buyer, { isAlone: this.#of.isAlone });
      if (dial === undefined) continue;
      last = await this.#try(destination, dial);
      const seconds = last.result.kind === 'failed' ? last.result.minSessionSeconds : undefined;
      if (seconds !== undefined && this.#stopped === undefined) {
        last = await this.#try(destination, withLongerTimer(dial, seconds));
      }
      if (!triesNextDestination(last.result)) break;
    }
    return last;
  }

  /** Cancels the running attempt and starts no other. */
  stop(why: StopReason): void {
    this.#stopped ??= why;
    this.#attempt?.stop(why);
  }

  /** Another buyer's answer came first, or the caller has left: hangs up the one this turn got. */
  drop({ seq, result }: Tried, reason: string): void {
    if (result.kind !== 'answered') return;
    const { ringingAt } = result;
    this.#dialling.failed(seq, { kind: 'failed', sipStatus: 487, cause: 'cancelled', reason, ringingAt });
    this.#gone = releaseBuyer(result.leg);
  }

  /** Asked after the end of a turn that nobody keeps: resolves when no leg of it is left. */
  get gone(): Promise<unknown> {
    return this.#gone;
  }

  async #try(at: Destination, dial: Dial): Promise<Tried> {
    const { sip, sdp, now, log } = this.#dialling;
    const { shown: destination, ...request } = dial;
    const seq = this.#dialling.nextSeq();
    this.#dialling.began(seq, this.buyer, destination);
    const { ringTimeoutMs } = this.#of;
    this.#attempt = new Attempt(sip, { ...request, sdp, ringTimeoutMs, now, onProvisional: this.#onProvisional });
    this.#gone = this.#attempt.gone;
    const result = await this.#attempt.result;
    if (result.kind === 'failed') {
      this.#dialling.failed(seq, result);
      log.info(
        { leg: 'b', buyerId: this.buyer?.id, sipStatus: result.sipStatus, reason: result.reason },
        'leg refused',
      );
    }
    return { seq, buyer: this.buyer, at, destination, result };
  }
}

/** The same INVITE for a buyer who wants a longer session timer (RFC 4028 §7.3). */
function withLongerTimer(dial: Dial, seconds: number): Dial {
  return { ...dial, headers: { ...dial.headers, ...timerHeadersForBuyer(seconds, seconds) } };
}

/** A person's answer, and our own ring timeout, end the buyer's turn; trouble on the way does not (semantics §6). */
function triesNextDestination(result: AttemptResult): boolean {
  if (result.kind === 'answered' || result.cause === 'ring_timeout' || result.cause === 'cancelled') return false;
  return nextAfter(result.cause === 'not_sent' ? undefined : result.sipStatus) === 'next_destination';
}
