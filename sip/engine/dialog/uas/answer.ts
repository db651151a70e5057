import { Alarm } from '../../transaction/alarm.ts';
import { giveUpMs } from '../../transaction/timer-settings.ts';
import type { Target } from '../../transport/transport.ts';
import type { Core } from '../core.ts';
import type { UnacknowledgedAnswer } from '../dialog.ts';

/** Our 2xx to an INVITE, resent at T1, 2·T1 … capped at T2 until the ACK or 64·T1 (RFC 3261 §13.3.1.4). */
export class Answer implements UnacknowledgedAnswer {
  readonly cseq: number;
  readonly transactionId: string;
  readonly isOffer: boolean;
  readonly #core: Core;
  readonly #bytes: Buffer;
  readonly #target: Target;
  readonly #resendAlarm: Alarm;
  readonly #deadline: Alarm;
  #intervalMs: number;

  constructor(
    core: Core,
    ack: { cseq: number; transactionId: string; isOffer: boolean },
    bytes: Buffer,
    target: Target,
    onNoAck: () => void,
  ) {
    const { wheel, timers } = core.transactions;
    this.cseq = ack.cseq;
    this.transactionId = ack.transactionId;
    this.isOffer = ack.isOffer;
    this.#core = core;
    this.#bytes = bytes;
    this.#target = target;
    this.#intervalMs = timers.t1;
    this.#resendAlarm = new Alarm(wheel, () => this.#resend());
    this.#deadline = new Alarm(wheel, () => {
      core.transactions.counters.timeouts += 1;
      this.stop();
      onNoAck();
    });
    if (target.protocol === 'udp') this.#resendAlarm.start(this.#intervalMs);
    this.#deadline.start(giveUpMs(timers));
  }

  stop(): void {
    this.#resendAlarm.stop();
    this.#deadline.stop();
  }

  #resend(): void {
    const { transport, timers, counters } = this.#core.transactions;
    counters.resentResponses += 1;
    transport.send(this.#bytes, this.#target, ignoreSendError);
    this.#intervalMs = Math.min(2 * this.#intervalMs, timers.t2);
    this.#resendAlarm.start(this.#intervalMs);
  }
}

const ignoreSendError = (): void => {};
