import type { Buyer } from '../domain/buyer.ts';
import { type CallEnding, callOutcome } from '../domain/call-outcome.ts';
import type { RoutingPlan } from '../domain/routing.ts';
import type { Logger } from '../log.ts';
import type { Admitted } from './admit-invite.ts';
import type { AnsweredAttempt, FailedAttempt } from './attempt.ts';
import { BridgedCall, type BridgeEnd, type Hanger } from './bridged-call.ts';
import { sdpOf } from './buyer-leg.ts';
import type { CallData } from './call-data.ts';
import type { CallDialling } from './call-dialling.ts';
import { type CallMeter, CallStopwatch } from './call-meter.ts';
import type { CallerFacts, CallRecord } from './call-record.ts';
import type { CallRouting } from './call-routing.ts';
import type { CallerLeg } from './caller-leg.ts';
import type { Tried } from './dialling.ts';
import { finalStatusForCaller } from './final-status.ts';
import { Hunt } from './hunt.ts';
import type { HangUpReason, LiveCall } from './live-calls.ts';
import type { InviteRequest, SipDialog } from './srf.ts';
import { Transfers } from './transfer/transfers.ts';

/** What a call is made of. */
export interface CallParts {
  readonly call: Admitted;
  readonly invite: InviteRequest;
  readonly caller: CallerLeg;
  readonly routing: CallRouting;
  readonly data: CallData;
  readonly dialling: CallDialling;
  readonly record: CallRecord;
  /** For the call's row: which secret its key is derived from. */
  readonly keyVersion: number;
  readonly probeSeconds: number;
  readonly now: () => number;
  readonly log: Logger;
  readonly meter: CallMeter;
}

/** One call from the carrier's INVITE to the end of both legs: admitted, hunting, bridged, over (semantics §1). */
export class CallSession implements LiveCall {
  readonly uuid: string;
  readonly over: Promise<CallEnding>;
  readonly #parts: CallParts;
  readonly #log: Logger;
  readonly #hunt: Hunt;
  readonly #finish: (ending: CallEnding) => void;
  #bridged: BridgedCall | undefined;
  /** Why no buyer shall be found any more. */
  #stopped: 'canceled' | 'shutdown' | 'operator' | 'error' | 'server_lost' | undefined;
  readonly #stopwatch = new CallStopwatch();
  #ended = false;

  constructor(parts: CallParts) {
    const { record, routing, dialling, caller } = parts;
    this.uuid = record.uuid;
    this.#parts = parts;
    this.#log = parts.log;
    const { promise, resolve } = Promise.withResolvers<CallEnding>();
    this.over = promise;
    this.#finish = resolve;
    this.#hunt = new Hunt({
      dialling,
      reserve: record.reserve,
      release: (buyerId) => record.released(buyerId),
      skipped: (skips) => routing.skip(skips),
      onProvisional: (response, isAlone) => {
        if (this.#stopped === undefined) caller.passOn(response, isAlone);
      },
    });
    parts.invite.on('cancel', () => this.#stop('canceled'));
  }

  /**
   * Tries buyers until one answers, none before the call is durable: a key that a buyer has belongs to a call that a crash
   * cannot take away. Resolves when the caller has its final answer. Never rejects.
   */
  async run(): Promise<void> {
    try {
      const durable = this.#begin();
      durable.catch((err: unknown) => this.#notWritten(err));
      const facts = await durable.catch(() => undefined);
      if (this.#stopped === undefined) await this.#parts.data.ask('start');
      const candidates = this.#plan(facts);
      const last = await this.#hunt.run(candidates, this.#parts.call.campaign.lastResort);
      if (last?.result.kind === 'failed') this.#notAnswered(last.result);
      else if (last?.result.kind === 'answered') await this.#buyerAnswered(last as Tried<AnsweredAttempt>);
      else this.#notAnswered(undefined);
    } catch (err) {
      this.#log.error({ err }, 'call failed in an unexpected way');
      this.#stop('error');
      this.#notAnswered(undefined);
    }
  }

  /** Ends the call from our side: CANCEL or BYE to the buyer, 503 or BYE to the caller. */
  async hangUp(reason: HangUpReason): Promise<void> {
    this.#log.warn({ reason }, 'call ended by us');
    this.#stop(reason);
    this.#bridged?.end({ hungUpBy: 'system', ending: reason });
    await this.over;
  }

  lose(): void {
    this.#log.warn({ reason: 'server_lost' }, 'call lost with the connection to the SIP server');
    this.#stop('server_lost');
    if (this.#bridged === undefined) this.#notAnswered(undefined);
    else this.#bridged.end({ hungUpBy: 'system', ending: 'server_lost' });
  }

  #begin(): Promise<CallerFacts> {
    const { call, invite, record, routing, keyVersion } = this.#parts;
    const { callerHistoryDays } = routing;
    return record.begin(call, { sipCallId: invite.get('call-id') ?? '', keyVersion, callerHistoryDays });
  }

  #plan(facts: CallerFacts | undefined): RoutingPlan['candidates'] {
    const { routing, record } = this.#parts;
    const { candidates, skipped } = routing.plan(facts);
    for (const skip of skipped) this.#log.debug(skip, 'buyer skipped');
    if (routing.trace !== undefined) record.routed(routing.trace);
    return candidates;
  }

  /** The database would not take the call: it must not be sold unrecorded. */
  #notWritten(err: unknown): void {
    this.#log.error({ err }, 'call refused: it could not be written down');
    this.#stop('error');
  }

  #stop(why: 'canceled' | 'shutdown' | 'operator' | 'error' | 'server_lost'): void {
    this.#stopped ??= why;
    this.#parts.data.stop();
    this.#hunt.stop();
  }

  /** The caller is answered once it is durable that this buyer answers, if it is still there then (semantics §1.1, §7). */
  async #buyerAnswered(tried: Tried<AnsweredAttempt>): Promise<void> {
    await this.#parts.record.buyerAnswered(tried).catch((err: unknown) => this.#notWritten(err));
    if (this.#stopped !== undefined) {
      this.#hunt.drop(tried);
      return this.#notAnswered(undefined);
    }
    this.#parts.caller.answer(sdpOf(tried.result.leg), (error, uas) => {
      if (uas !== undefined) return this.#bridge(uas, tried);
      this.#log.info({ err: error }, 'caller left while the buyer answered');
      this.#stopped ??= 'canceled';
      this.#hunt.drop(tried);
      this.#notAnswered(undefined);
    });
  }

  #bridge(uas: SipDialog, tried: Tried<AnsweredAttempt>): void {
    const { call, dialling, record } = this.#parts;
    const { buyer, at, result } = tried;
    const maxDurationSeconds = Math.min(buyer?.maxDurationSeconds ?? Infinity, call.campaign.maxDurationSeconds);
    this.#bridged = new BridgedCall(uas, result.leg, {
      log: this.#log,
      maxDurationMs: maxDurationSeconds * 1000,
      probeMs: this.#parts.probeSeconds * 1000,
      transfers: buyer && new Transfers(buyer, at, dialling, record),
      onEnd: (end) => this.#bridgeEnded(end, buyer),
    });
    record.answered(tried);
    this.#stopwatch.answered();
    this.#log.info({ buyerId: buyer?.id ?? null }, 'call bridged');
    if (this.#stopped !== undefined) this.#bridged.end({ hungUpBy: 'system', ending: this.#stopped });
  }

  /** A line of a buyer whose lines are counted is free when its leg is gone, which a BYE on its way is not yet. */
  #bridgeEnded({ hungUpBy, ending, vanished, reason, buyerGone }: BridgeEnd, buyer: Buyer | undefined): void {
    this.#log.info({ hungUpBy, reason: ending, vanished }, 'call ended');
    const counted = buyerGone && buyer?.caps.some(({ per }) => per === 'concurrent') ? buyer.id : undefined;
    const end = { answered: true, hungUpBy, ending, vanished, callerStatus: 200, q850Cause: q850Cause(reason) };
    this.#writeEnd({ ...end, lingering: counted === undefined ? [] : [counted] });
    if (counted !== undefined) void buyerGone?.then(() => this.#parts.record.released(counted));
  }

  /** The call was never answered: the caller is told, the end written. */
  #notAnswered(last: FailedAttempt | undefined): void {
    const ending = this.#stopped ?? (last === undefined ? 'no_buyer' : 'refused');
    const status = statusFor(ending, last);
    this.#parts.caller.refuse(status, ending === 'refused' ? last?.reason : undefined);
    this.#log.info({ sipStatus: status, reason: ending }, 'call not answered');
    const hungUpBy = ending === 'canceled' ? 'caller' : 'system';
    this.#writeEnd({ answered: false, hungUpBy, ending, callerStatus: status, refusedWith: last?.sipStatus });
  }

  #writeEnd({ answered, hungUpBy, ending, vanished, callerStatus, refusedWith, ...end }: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const { record, routing, now, meter } = this.#parts;
    const outcome = callOutcome({ answered, ending, hungUpBy, vanished, sipStatus: refusedWith });
    meter.callEnded({ ...outcome, ...this.#stopwatch.times });
    if (routing.changedTrace !== undefined) record.routed(routing.changedTrace);
    const row = {
      at: now(),
      hungUpBy,
      sipStatus: callerStatus,
      q850Cause: end.q850Cause,
      outcome,
      endEstimated: NOBODY_SAID_SO.has(ending),
      lingeringBuyerIds: [...this.#hunt.lingering, ...(end.lingering ?? [])],
    };
    void record.ended(row).finally(() => this.#finish(ending));
  }
}

interface SessionEnd {
  readonly answered: boolean;
  readonly hungUpBy: Hanger;
  readonly ending: CallEnding;
  readonly vanished?: 'caller' | 'buyer' | undefined;
  /** The final status the caller got. */
  readonly callerStatus: number;
  /** The last buyer's final status. */
  readonly refusedWith?: number | undefined;
  readonly q850Cause?: number | undefined;
  readonly lingering?: readonly string[];
}

/** The conversation may have been over before (semantics §5, "ended without BYE"). */
const NOBODY_SAID_SO: ReadonlySet<CallEnding> = new Set([
  'session_expired',
  'peer_vanished',
  'max_duration',
  'server_lost',
]);

/** The caller did nothing wrong, and nor did a buyer. */
const OURS: ReadonlySet<CallEnding> = new Set(['shutdown', 'operator', 'error', 'server_lost']);

function statusFor(ending: CallEnding, last: FailedAttempt | undefined): number {
  if (ending === 'canceled') return 487;
  return OURS.has(ending) ? 503 : finalStatusForCaller(last);
}

/** `Reason: Q.850;cause=16` (RFC 3326 §2). */
function q850Cause(reason: string | undefined): number | undefined {
  const cause = /Q\.850\s*;[^,]*cause\s*=\s*(\d{1,3})/i.exec(reason ?? '')?.[1];
  return cause === undefined ? undefined : Number(cause);
}
