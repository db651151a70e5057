import type { CallEnding } from '../domain/call-outcome.ts';
import type { Logger } from '../log.ts';
import { type BuyerLeg, hangUp, releaseBuyer } from './buyer-leg.ts';
import { relayInDialog } from './relay-in-dialog.ts';
import type { SipDialog, SipRequest } from './srf.ts';

export type Hanger = 'caller' | 'buyer' | 'system';

/** How a bridged call came to its end. */
export interface BridgeEnd {
  readonly hungUpBy: Hanger;
  readonly ending: CallEnding;
  /** Whose leg was found dead. */
  readonly vanished?: 'caller' | 'buyer';
  /** The Reason header of the BYE (RFC 3326). */
  readonly reason?: string | undefined;
  /** The buyer's leg is still being hung up; resolves when it is gone. */
  readonly buyerGone?: Promise<void>;
}

export interface BridgeOptions {
  readonly log: Logger;
  readonly maxDurationMs: number;
  /** Called once. */
  readonly onEnd: (end: BridgeEnd) => void;
}

/** 102: recovery on timer expiry (ITU-T Q.850). */
const MAX_DURATION_REASON = 'Q.850;cause=102;text="Maximum duration reached"';

/** Caller and buyer joined: what one says reaches the other, until either hangs up (semantics §1.4). */
export class BridgedCall {
  readonly #uas: SipDialog;
  readonly #options: BridgeOptions;
  readonly #limit: NodeJS.Timeout;
  #buyer: BuyerLeg;
  #ended = false;

  /** Must be called in the turn in which the caller's leg came to be: nothing either leg sends can be missed then. */
  constructor(uas: SipDialog, buyer: BuyerLeg, options: BridgeOptions) {
    this.#uas = uas;
    this.#buyer = buyer;
    this.#options = options;
    uas.on('destroy', (bye) => this.#hungUp('caller', bye));
    if (buyer.kind === 'dialog') this.#joinDialog(buyer.dialog);
    else this.#joinOnAck(buyer);
    const limit = { hungUpBy: 'system', ending: 'max_duration', reason: MAX_DURATION_REASON } as const;
    this.#limit = setTimeout(() => this.end(limit), options.maxDurationMs).unref();
  }

  /** Hangs up whatever leg is still there and reports the end, once. */
  end(end: Omit<BridgeEnd, 'buyerGone'>): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#limit);
    const headers: Record<string, string> = end.reason === undefined ? {} : { Reason: end.reason };
    void hangUp(this.#uas, headers);
    const isGone = this.#buyer.kind === 'dialog' && !this.#buyer.dialog.connected;
    const buyerGone = releaseBuyer(this.#buyer, headers);
    this.#options.onEnd(isGone ? end : { ...end, buyerGone });
  }

  /** Requests of the buyer wait until the caller has acknowledged, else the caller could get a BYE before its 200. */
  #joinDialog(dialog: SipDialog): void {
    this.#follow(dialog);
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
          this.#follow(dialog);
          if (this.#ended) void hangUp(dialog);
        })
        .catch((err: unknown) => {
          this.#options.log.error({ err }, 'delayed offer not completed');
          this.end({ hungUpBy: 'system', ending: 'error' });
        });
    });
  }

  #follow(dialog: SipDialog): void {
    dialog.on('destroy', (bye) => this.#hungUp('buyer', bye));
    relayInDialog(this.#uas, dialog, this.#options.log);
  }

  /** A BYE; one the engine made itself (no ACK, session expired) is ours, and tells whose leg was dead. */
  #hungUp(side: 'caller' | 'buyer', bye: SipRequest): void {
    const reason = bye.get('reason');
    if (bye.source === 'application') {
      const ending = /session timer/i.test(reason ?? '') ? 'session_expired' : 'peer_vanished';
      this.end({ hungUpBy: 'system', ending, vanished: side, reason });
    } else this.end({ hungUpBy: side, ending: 'hangup', reason });
  }
}
