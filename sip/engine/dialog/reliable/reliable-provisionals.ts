import { randomInt } from 'node:crypto';
import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { serialize } from '../../message/serialize.ts';
import { Alarm } from '../../transaction/alarm.ts';
import type { InviteServerTransaction } from '../../transaction/invite-server.ts';
import { giveUpMs } from '../../transaction/timer-settings.ts';
import type { TransactionLayer } from '../../transaction/transaction-layer.ts';
import { addOptionTag, hasOptionTag, removeOptionTag } from '../headers/option-tags.ts';
import { rackOf } from './rack.ts';

interface Provisional {
  readonly rseq: number;
  readonly response: SipResponse;
  bytes: Buffer;
}

/**
 * The provisional responses to one INVITE that must arrive (RFC 3262 §3): numbered, one at a time on its way, sent again
 * at T1, 2·T1 … over any transport until the PRACK, given up after 64·T1.
 */
export class ReliableProvisionals {
  readonly #transactions: TransactionLayer;
  /** Of the INVITE. */
  readonly tx: InviteServerTransaction;
  /** The session description sent last. */
  lastDescription: Buffer | undefined;
  readonly #cseq: number;
  readonly #onLost: () => void;
  readonly #resendAlarm: Alarm;
  readonly #deadline: Alarm;
  #intervalMs = 0;
  #rseq = randomInt(1, 2 ** 30);
  /** The first is on its way, the others wait for its PRACK. */
  #unacknowledged: Provisional[] = [];
  /** Sends the 2xx that waits for the offers and answers before it to have arrived. */
  #held: (() => void) | undefined;

  /** `onLost`: no PRACK came in time; the INVITE is to be refused. */
  constructor(transactions: TransactionLayer, tx: InviteServerTransaction, invite: SipRequest, onLost: () => void) {
    this.#transactions = transactions;
    this.tx = tx;
    this.#cseq = cseqOf(invite).number;
    this.#onLost = onLost;
    this.#resendAlarm = new Alarm(transactions.wheel, () => this.#resend());
    this.#deadline = new Alarm(transactions.wheel, () => this.#giveUp());
  }

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** True while one waits for its PRACK. */
  get isOpen(): boolean {
    return this.#unacknowledged.length > 0;
  }

  /** True when a 2xx has to wait: a session description is on its way (RFC 3262 §3). */
  get mustHold(): boolean {
    return this.#unacknowledged.some(({ response }) => response.body.length > 0);
  }

  /** Sends the response, or has it wait its turn, and returns it as it is or will be sent. */
  send(response: SipResponse): Buffer {
    this.#rseq += 1;
    response.headers.append('RSeq', `${this.#rseq}`);
    addOptionTag(response.headers, 'Require', '100rel');
    const provisional = { rseq: this.#rseq, response, bytes: serialize(response) };
    this.#unacknowledged.push(provisional);
    if (response.body.length > 0) this.lastDescription = response.body;
    if (this.#unacknowledged.length === 1) this.#transmit(provisional);
    return provisional.bytes;
  }

  hold(sendAnswer: () => void): void {
    this.#held = sendAnswer;
  }

  /** Takes a PRACK; false when it acknowledges nothing of ours. What waited for it follows with `proceed`. */
  acknowledge(prack: SipRequest): boolean {
    const rack = rackOf(prack);
    const first = this.#unacknowledged[0];
    if (rack === undefined || rack.rseq !== first?.rseq || rack.cseq !== this.#cseq || rack.method !== 'INVITE') {
      return false;
    }
    this.#unacknowledged.shift();
    this.#resendAlarm.stop();
    this.#deadline.stop();
    return true;
  }

  /** Sends what waited for the last PRACK. */
  proceed(): void {
    const [next] = this.#unacknowledged;
    if (this.#held !== undefined && !this.mustHold) {
      const sendAnswer = this.#held;
      this.#held = undefined;
      this.finish();
      sendAnswer();
    } else if (next !== undefined && this.tx.isOpen) this.#transmit(next);
  }

  /** The final response is there: nothing is sent again, a PRACK under way is still welcome (RFC 3262 §3). */
  finish(): void {
    this.#held = undefined;
    this.#unacknowledged.length = Math.min(this.#unacknowledged.length, 1);
    this.#resendAlarm.stop();
    this.#deadline.stop();
  }

  #transmit(provisional: Provisional): void {
    const { t1 } = this.#transactions.timers;
    provisional.bytes = this.tx.respond(provisional.response);
    this.#intervalMs = t1;
    this.#resendAlarm.start(t1);
    this.#deadline.start(giveUpMs(this.#transactions.timers));
  }

  #resend(): void {
    const [first] = this.#unacknowledged;
    if (first === undefined) return;
    this.#transactions.counters.resentResponses += 1;
    this.tx.transmit(first.bytes);
    this.#intervalMs *= 2;
    this.#resendAlarm.start(this.#intervalMs);
  }

  #giveUp(): void {
    this.#transactions.counters.timeouts += 1;
    this.#resendAlarm.stop();
    this.#onLost();
  }
}

/**
 * Decides whether a provisional response goes reliably: when the application or the peer requires it. A peer that does not
 * know how gets it the plain way.
 */
export function isReliable(invite: SipRequest, response: SipResponse): boolean {
  if (response.status <= 100 || response.status >= 200) return false;
  if (hasOptionTag(invite.headers, 'Require', '100rel')) return true;
  if (!hasOptionTag(response.headers, 'Require', '100rel')) return false;
  if (hasOptionTag(invite.headers, 'Supported', '100rel')) return true;
  removeOptionTag(response.headers, 'Require', '100rel');
  return false;
}
