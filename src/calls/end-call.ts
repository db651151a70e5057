import type { CallOutcome } from '../domain/call-outcome.ts';
import { chooseGroup, windowMs } from '../domain/conversion.ts';
import type { ConversionGroup } from '../domain/conversion-group.ts';
import { tagValues } from '../domain/tag-match.ts';
import { endRunningAttempts } from '../store/attempt-rows.ts';
import { changeCall } from '../store/call-rows.ts';
import { readConfiguration } from '../store/configuration.ts';
import { addEvent } from '../store/event-rows.ts';
import { releaseLinesOfCall } from '../store/hold-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, MoneyState } from '../store/tables.ts';
import { tagsOfCall } from '../store/tag-rows.ts';
import { decideAtEnd } from './decide-at-end.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

/** How a call came to its end, as telephony saw it. */
export interface EndCallInput {
  readonly callUuid: string;
  readonly hungUpBy: NonNullable<CallRow['hung_up_by']>;
  /** Final status the caller got, for a call that was not answered. */
  readonly sipStatus?: number | undefined;
  readonly q850Cause?: number | undefined;
  readonly outcome: CallOutcome;
  /** The real end is not known; `endedAt`, or else `now`, stands for it. */
  readonly endEstimated?: boolean | undefined;
  /** When it ended, where that is not now; the window runs from `now` all the same. */
  readonly endedAt?: number | undefined;
  /** Buyers whose legs are not gone yet: their lines stay taken until `releaseBuyers`. */
  readonly lingeringBuyerIds?: readonly string[] | undefined;
  readonly now: number;
}

/** What the end meant for the money. */
export interface EndCallOutput {
  readonly state: MoneyState;
  readonly enqueued: number;
}

/** The call is over: group chosen and kept, money decided or its window opened; a second time changes nothing (semantics §1.4–5). */
export async function endCall(context: OperationContext, input: EndCallInput): Promise<EndCallOutput> {
  const running = await requireCall(context, input.callUuid);
  if (running.ended_at !== null) return { state: running.state, enqueued: 0 };
  const group = await groupFor(context, running);
  const ended = await changeCall(context, running, endChanges(running, group, input));
  if (ended === undefined) return { state: (await requireCall(context, input.callUuid)).state, enqueued: 0 };
  await releaseLinesOfCall(context, { callUuid: ended.uuid, except: input.lingeringBuyerIds ?? [] });
  const enqueued = await writeHistory(context, ended, input);
  const decided = await decideAtEnd(context, ended, group, input.now);
  return { state: decided.call.state, enqueued: enqueued + decided.enqueued };
}

/** The first group that fits the call's tags at this moment (semantics §4). */
async function groupFor(context: OperationContext, call: CallRow): Promise<ConversionGroup | undefined> {
  const { campaigns } = await readConfiguration(context);
  const groups = campaigns.get(call.campaign_id)?.conversionGroups ?? [];
  return groups.length === 0 ? undefined : chooseGroup(groups, tagValues(await tagsOfCall(context, call.uuid)));
}

/** State `pending` in any case: a postback arriving at this moment sees either the running or the ended call. */
function endChanges(call: CallRow, group: ConversionGroup | undefined, input: EndCallInput): Partial<CallRow> {
  const window = call.buyer_id === null || group === undefined ? 0 : windowMs(group);
  return {
    state: 'pending',
    ended_at: Math.max(input.endedAt ?? input.now, call.answered_at ?? call.started_at),
    end_estimated: input.endEstimated === true ? 1 : 0,
    hung_up_by: input.hungUpBy,
    sip_status: input.sipStatus ?? null,
    q850_cause: input.q850Cause ?? null,
    outcome: input.outcome.result,
    outcome_reason: input.outcome.reason,
    group_id: group?.id ?? null,
    group_json: group === undefined ? null : JSON.stringify(group),
    window_ends_at: window === 0 ? null : input.now + window,
  };
}

/** Attempts, `no_buyer` where nobody took the call, and `ended`, whose webhooks are held until the decision (semantics §8). */
async function writeHistory(context: OperationContext, call: CallRow, input: EndCallInput): Promise<number> {
  const { now, outcome, hungUpBy } = input;
  await endRunningAttempts(context, { callUuid: call.uuid, endedAt: call.ended_at ?? now });
  const nobodyTookIt = call.answered_at === null && outcome.result !== 'abandoned' && call.end_estimated === 0;
  const data = { hung_up_by: hungUpBy, sip_status: call.sip_status, outcome: outcome.result, reason: outcome.reason };
  const enqueued = nobodyTookIt ? await recordAndFire(context, call, 'no_buyer', { now, data }) : 0;
  await addEvent(context, { call_uuid: call.uuid, type: 'ended', at: now, data });
  return enqueued;
}
