import type { SipRequest } from '../../message/message.ts';
import { Alarm } from '../../transaction/alarm.ts';
import { giveUpMs } from '../../transaction/timer-settings.ts';
import type { TransactionLayer } from '../../transaction/transaction-layer.ts';
import { callIdOf, toTagOf } from '../dialog-id.ts';
import type { ReliableProvisionals } from './reliable-provisionals.ts';

/** Reliable responses of INVITEs refused since: their PRACK may be on its way and is still to be accepted (RFC 3262 §3). */
export class LatePracks {
  readonly #layer: TransactionLayer;
  readonly #expected = new Map<string, ReliableProvisionals>();

  constructor(layer: TransactionLayer) {
    this.#layer = layer;
  }

  expect(callId: string, localTag: string, provisionals: ReliableProvisionals): void {
    if (!provisionals.isOpen) return;
    const key = `${callId} ${localTag}`;
    this.#expected.set(key, provisionals);
    new Alarm(this.#layer.wheel, () => this.#expected.delete(key)).start(giveUpMs(this.#layer.timers));
  }

  /** True for a PRACK that was expected; the next one like it is not. */
  take(prack: SipRequest): boolean {
    const key = `${callIdOf(prack.headers)} ${toTagOf(prack.headers)}`;
    return this.#expected.get(key)?.acknowledge(prack) === true && this.#expected.delete(key);
  }
}
