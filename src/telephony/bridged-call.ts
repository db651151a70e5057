import type { CallEnding } from '../domain/call-outcome.ts';
import type { Logger } from '../log.ts';
import { type BuyerLeg, hangUp, releaseBuyer } from './buyer-leg.ts';
import { hasSessionTimer, LegProbe } from './leg-probe.ts';
import { link, relayInDialog } from './relay-in-dialog.ts';
import type { InviteResponse, SipDialog, SipRequest } from './srf.ts';
import { ReferProgress } from './transfer/refer-progress.ts';
import { Transfer } from './transfer/transfer.ts';
import type { Transfers } from './transfer/transfers.ts';

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
  /** How often a buyer without a session timer is asked whether it is still there. */
  readonly probeMs: number;
  /** Absent: REFER is refused. */
  readonly transfers: Transfers | undefined;
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
  #transfer: Transfer | undefined;
  #transfers = 0;
  /** The caller's requests have somebody to go to. */
  #isJoined = false;
  #ended = false;
  #probe: LegProbe | undefined;

  /** Must be called in the turn in which the caller's leg came to be: nothing either leg sends can be missed then. */
  constructor(uas: SipDialog, buyer: BuyerLeg, options: BridgeOptions) {
    this.#uas = uas;
    this.#buyer = buyer;
    this.#options = options;
    uas.on('destroy', (bye) => this.#hungUp('caller', bye));
    uas.on('refer', (_req, res) => res.send(403)); // a caller does not send us anywhere
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
    this.#transfer?.stop();
    this.#probe?.stop();
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
    if (!this.#isJoined) relayInDialog(this.#uas, this.#options.log);
    this.#isJoined = true;
    link(this.#uas, dialog);
    dialog.on('destroy', (bye) => this.#buyerHungUp(bye));
    dialog.on('refer', (req, res) => this.#refer(dialog, req, res));
    relayInDialog(dialog, this.#options.log);
    this.#watch(dialog);
  }

  /** The caller's leg has a session timer in any case: where it asked for none, we refresh. */
  #watch(dialog: SipDialog): void {
    this.#probe?.stop();
    this.#probe = undefined;
    if (this.#ended || hasSessionTimer(dialog)) return;
    const { probeMs: everyMs, log } = this.#options;
    const onDead = () => this.end({ hungUpBy: 'system', ending: 'peer_vanished', vanished: 'buyer' });
    this.#probe = new LegProbe(dialog, { everyMs, log, onDead });
  }

  /** Blind or attended transfer by the buyer, as far as its rule allows (semantics §7). */
  #refer(transferor: SipDialog, req: SipRequest, res: InviteResponse): void {
    const target = this.#options.transfers?.judge(req) ?? { kind: 'refusal', status: 403, reason: 'Forbidden' };
    if (target.kind === 'refusal' || this.#transfer !== undefined) {
      const { status, reason } = target.kind === 'refusal' ? target : { status: 491, reason: 'Request Pending' };
      this.#options.log.info({ sipStatus: status, reason }, 'transfer refused');
      res.send(status, reason);
      return;
    }
    const transferring = this.#options.transfers?.prepare(target, req);
    if (transferring === undefined) {
      res.send(403, 'Transfer Target Not Allowed');
      return;
    }
    this.#transfers += 1;
    const progress = new ReferProgress(transferor, req, this.#transfers === 1);
    res.send(202, undefined, progress.isWanted ? {} : { headers: { 'Refer-Sub': 'false' } });
    this.#transfer = new Transfer(transferring, this.#uas, progress);
    this.#transfer.run().then(
      (leg) => this.#transferEnded(transferor, leg),
      (err: unknown) => {
        this.#options.log.error({ err }, 'transfer failed in an unexpected way');
        this.#transferEnded(transferor, undefined);
      },
    );
  }

  #transferEnded(transferor: SipDialog, leg: SipDialog | undefined): void {
    this.#transfer = undefined;
    if (leg === undefined) {
      if (!transferor.connected) this.end({ hungUpBy: 'buyer', ending: 'hangup' });
      return;
    }
    if (this.#ended) {
      void hangUp(leg);
      return;
    }
    this.#buyer = { kind: 'dialog', dialog: leg };
    this.#follow(leg);
    leg.queueRequests = false;
    transferor.removeAllListeners();
    void hangUp(transferor);
  }

  /** One who transfers the caller may leave at once (RFC 5589 §6.1): the call is the target's, if that takes it. */
  #buyerHungUp(bye: SipRequest): void {
    if (this.#transfer === undefined) this.#hungUp('buyer', bye);
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
