import type { Buyer } from '../domain/buyer.ts';
import type { CallKeys } from '../domain/call-key.ts';
import { type CallEnding, callOutcome } from '../domain/call-outcome.ts';
import type { Logger } from '../log.ts';
import type { Admitted } from './admit-invite.ts';
import { type AnsweredAttempt, type FailedAttempt, releaseBuyer } from './attempt.ts';
import { BridgedCall, type BridgeEnd, type Hanger } from './bridged-call.ts';
import type { CallRecord } from './call-record.ts';
import { finalStatusForCaller, sendFinal } from './final-status.ts';
import { Hunt, type Tried } from './hunt.ts';
import type { LiveCall } from './live-calls.ts';
import type { InviteRequest, InviteResponse, SipApplication, SipDialog, SipResponse } from './srf.ts';

export interface CallSessionDeps {
  readonly sip: SipApplication;
  readonly callKeys: CallKeys;
  readonly nodeId: string;
  readonly now: () => number;
}

/** The INVITE as it came, and the means to answer it. */
export interface IncomingInvite {
  readonly req: InviteRequest;
  readonly res: InviteResponse;
}

/** One call from the carrier's INVITE to the end of both legs: admitted, hunting, bridged, over (semantics §1). */
export class CallSession implements LiveCall {
  readonly uuid: string;
  readonly over: Promise<void>;
  readonly #deps: CallSessionDeps;
  readonly #call: Admitted;
  readonly #invite: IncomingInvite;
  readonly #record: CallRecord;
  readonly #log: Logger;
  readonly #hunt: Hunt;
  readonly #finish: () => void;
  #bridged: BridgedCall | undefined;
  /** Why no buyer shall be found any more. */
  #stopped: 'canceled' | 'shutdown' | 'error' | undefined;
  #ended = false;

  constructor(deps: CallSessionDeps, call: Admitted, invite: IncomingInvite, record: CallRecord, log: Logger) {
    this.uuid = record.uuid;
    this.#deps = deps;
    this.#call = call;
    this.#invite = invite;
    this.#record = record;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#finish = resolve;
    this.#hunt = new Hunt({
      sip: deps.sip,
      caller: invite.req,
      headersForBuyer: this.#headersForBuyer(),
      record,
      now: deps.now,
      log,
      onProvisional: (response) => this.#passOnProvisional(response),
    });
    invite.req.on('cancel', () => this.#stop('canceled'));
  }

  /** Tries the buyers in this order until one answers; resolves when the caller has its final answer. Never rejects. */
  async run(buyers: readonly Buyer[]): Promise<void> {
    try {
      const durable = this.#begin();
      durable.catch((err: unknown) => this.#notWritten(err));
      const last = await this.#hunt.run(buyers);
      if (last?.result.kind === 'failed') this.#notAnswered(last.result);
      else if (last?.result.kind === 'answered') await this.#buyerAnswered(last as Tried<AnsweredAttempt>, durable);
      else this.#notAnswered(undefined);
    } catch (err) {
      this.#log.error({ err }, 'call failed in an unexpected way');
      this.#stop('error');
      this.#notAnswered(undefined);
    }
  }

  /** Ends the call from our side: CANCEL or BYE to the buyer, 503 or BYE to the caller. */
  hangUp(reason: string): Promise<void> {
    this.#log.warn({ reason }, 'call ended by us');
    this.#stop('shutdown');
    this.#bridged?.end('system', 'shutdown');
    return this.over;
  }

  #begin(): Promise<void> {
    const sipCallId = this.#invite.req.get('call-id') ?? '';
    return this.#record.begin(this.#call, sipCallId, this.#deps.callKeys.currentVersion, this.#deps.nodeId);
  }

  /** The database would not take the call: it must not be sold unrecorded. */
  #notWritten(err: unknown): void {
    this.#log.error({ err }, 'call refused: it could not be written down');
    this.#stop('error');
  }

  #stop(why: 'canceled' | 'shutdown' | 'error'): void {
    this.#stopped ??= why;
    this.#hunt.stop();
  }

  /** uuid and key only here: in the INVITE to a buyer's SIP destination (semantics §2). */
  #headersForBuyer(): Record<string, string> {
    return {
      From: this.#call.caller.from,
      Contact: '<sip:bridge@localhost>',
      'Max-Forwards': `${this.#call.maxForwards}`,
      'X-PH-RetreaverUUID': this.uuid,
      'X-PH-RetreaverKey': this.#deps.callKeys.derive(this.uuid),
    };
  }

  #passOnProvisional({ status, reason, body }: SipResponse): void {
    if (status <= 100 || this.#stopped !== undefined) return;
    this.#invite.res.send(status, reason, body === '' ? {} : { body });
  }

  /** The caller is answered once the call is durable, if it is still there then (semantics §1.1, §7). */
  async #buyerAnswered(tried: Tried<AnsweredAttempt>, durable: Promise<void>): Promise<void> {
    await durable.catch(() => undefined); // #notWritten has stopped the call
    const { leg } = tried.result;
    if (this.#stopped !== undefined) {
      releaseBuyer(leg);
      return this.#notAnswered(undefined);
    }
    const { req, res } = this.#invite;
    const localSdp = leg.kind === 'dialog' ? leg.dialog.remote.sdp : leg.offer.sdp;
    this.#deps.sip.createUAS(req, res, { localSdp, headers: {} }, (error, uas) => {
      if (uas !== undefined) return this.#bridge(uas, tried);
      this.#log.info({ err: error }, 'caller left while the buyer answered');
      releaseBuyer(leg);
      this.#notAnswered(undefined);
    });
  }

  #bridge(uas: SipDialog, { seq, buyerId, destination, result }: Tried<AnsweredAttempt>): void {
    this.#bridged = new BridgedCall(uas, result.leg, this.#log, (end) => this.#bridgeEnded(end));
    this.#record.answered(seq, buyerId, destination, result);
    this.#log.info({ buyerId }, 'call bridged');
    if (this.#stopped !== undefined) this.#bridged.end('system', this.#stopped);
  }

  #bridgeEnded({ hungUpBy, ending, reason }: BridgeEnd): void {
    this.#log.info({ hungUpBy, reason: ending }, 'call ended');
    this.#writeEnd({ answered: true, hungUpBy, ending, callerStatus: 200, q850Cause: q850Cause(reason) });
  }

  /** The call was never answered: the caller is told, the end written. */
  #notAnswered(last: FailedAttempt | undefined): void {
    const ending = this.#stopped ?? (last === undefined ? 'no_buyer' : 'refused');
    const status = statusFor(ending, last);
    sendFinal(this.#invite.res, status, ending === 'refused' ? last?.reason : undefined);
    this.#log.info({ sipStatus: status, reason: ending }, 'call not answered');
    const hungUpBy = ending === 'canceled' ? 'caller' : 'system';
    this.#writeEnd({ answered: false, hungUpBy, ending, callerStatus: status, refusedWith: last?.sipStatus });
  }

  #writeEnd(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const { answered, hungUpBy, ending, callerStatus, refusedWith, q850Cause: cause } = end;
    const outcome = callOutcome({ answered, ending, hungUpBy, sipStatus: refusedWith });
    const row = { at: this.#deps.now(), hungUpBy, sipStatus: callerStatus, q850Cause: cause, outcome };
    void this.#record.ended(row).finally(this.#finish);
  }
}

interface SessionEnd {
  readonly answered: boolean;
  readonly hungUpBy: Hanger;
  readonly ending: CallEnding;
  /** The final status the caller got. */
  readonly callerStatus: number;
  /** The last buyer's final status. */
  readonly refusedWith?: number | undefined;
  readonly q850Cause?: number | undefined;
}

function statusFor(ending: CallEnding, last: FailedAttempt | undefined): number {
  if (ending === 'canceled') return 487;
  return ending === 'shutdown' || ending === 'error' ? 503 : finalStatusForCaller(last);
}

/** `Reason: Q.850;cause=16` (RFC 3326 §2). */
function q850Cause(reason: string | undefined): number | undefined {
  const cause = /Q\.850\s*;[^,]*cause\s*=\s*(\d{1,3})/i.exec(reason ?? '')?.[1];
  return cause === undefined ? undefined : Number(cause);
}
