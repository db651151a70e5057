import type { CallEnding } from '../domain/call-outcome.ts';
import type { Logger } from '../log.ts';
import { type BuyerLeg, releaseBuyer } from './attempt.ts';
import { relayInDialog } from './relay-in-dialog.ts';
import type { SipDialog, SipRequest } from './srf.ts';

export type Hanger = 'caller' | 'buyer' | 'system';

/** How a bridged call came to its end. */
export interface BridgeEnd {
  readonly hungUpBy: Hanger;
  readonly ending: CallEnding;
  /** The Reason header of the BYE (RFC 3326). */
  readonly reason: string | undefined;
}

/** Caller and buyer joined: what one says reaches the other, until either hangs up (semantics §1.4). */
export class BridgedCall {
  readonly #uas: SipDialog;
  readonly #log: Logger;
  readonly #onEnd: (end: BridgeEnd) => void;
  #buyer: BuyerLeg;
  #ended = false;

  /** Must be called in the turn in which the caller's leg came to be: nothing either leg sends can be missed then. */
  constructor(uas: SipDialog, buyer: BuyerLeg, log: Logger, onEnd: (end: BridgeEnd) => void) {
    this.#uas = uas;
    this.#buyer = buyer;
    this.#log = log;
    this.#onEnd = onEnd;
    uas.on('destroy', (bye) => this.#hungUp('caller', bye));
    if (buyer.kind === 'dialog') this.#joinDialog(buyer.dialog);
    else this.#joinOnAck(buyer);
  }

  /** Hangs up whatever leg is still there and reports the end, once. */
  end(hungUpBy: Hanger, ending: CallEnding, reason?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const headers = reason === undefined ? {} : { Reason: reason };
    hangUp(this.#uas, headers);
    if (this.#buyer.kind === 'dialog') hangUp(this.#buyer.dialog, headers);
    else releaseBuyer(this.#buyer);
    this.#onEnd({ hungUpBy, ending, reason });
  }

  /** Requests of the buyer wait until the caller has acknowledged, else the caller could get a BYE before its 200. */
  #joinDialog(dialog: SipDialog): void {
    dialog.on('destroy', (bye) => this.#hungUp('buyer', bye));
    relayInDialog(this.#uas, dialog, this.#log);
    this.#uas.once('ack', () => {
      dialog.queueRequests = false;
    });
  }

  /** Delayed offer: the caller's ACK carries the answer the buyer waits for (RFC 3261 §13.2.2.4). */
  #joinOnAck(buyer: BuyerLeg & { kind: 'delayed' }): void {
    this.#uas.once('ack', (ack) => {
      buyer.offer
        .ack(ack.body)
        .then((dialog) => {
          this.#buyer = { kind: 'dialog', dialog };
          dialog.on('destroy', (bye) => this.#hungUp('buyer', bye));
          relayInDialog(this.#uas, dialog, this.#log);
          if (this.#ended) hangUp(dialog, {});
        })
        .catch((err: unknown) => {
          this.#log.error({ err }, 'delayed offer not completed');
          this.end('system', 'error');
        });
    });
  }

  /** A BYE; one the engine made itself (no ACK, session expired) is ours. */
  #hungUp(side: 'caller' | 'buyer', bye: SipRequest): void {
    const reason = bye.get('reason');
    if (bye.source === 'application') this.end('system', 'peer_vanished', reason);
    else this.end(side, 'hangup', reason);
  }
}

function hangUp(dialog: SipDialog, headers: Record<string, string>): void {
  dialog.queueRequests = false;
  if (dialog.connected) dialog.destroy({ headers }, () => undefined);
}
