import type { Campaign } from '../domain/account.ts';
import type { CallTag } from '../domain/call-tag.ts';
import { daysBefore } from '../domain/days-before.ts';
import type { EarlierCall } from '../domain/earlier-call.ts';
import { AppError } from '../domain/errors.ts';
import { REPEAT_TAG_NAME } from '../domain/repeated-caller.ts';
import { findCall } from '../store/call-rows.ts';
import { callsOfCaller, type EarlierCallRow } from '../store/caller-rows.ts';
import { readConfiguration } from '../store/configuration.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, TagRow } from '../store/tables.ts';
import { addTag, tagsOfCall } from '../store/tag-rows.ts';
import { carryTags } from './carry-tags.ts';
import { recordAndFire } from './fire-webhooks.ts';

/** A call from a known carrier for a known number, as telephony admitted it. */
export interface BeginCallInput {
  readonly uuid: string;
  readonly keyVersion: number;
  readonly nodeId: string;
  readonly carrierId: string;
  readonly campaignId: string;
  readonly publisherId?: string | undefined;
  readonly dialedNumber: string;
  /** Absent when hidden. */
  readonly callerNumber?: string | undefined;
  readonly sipCallId: string;
  /** Of number, publisher and campaign; system tags are added here. */
  readonly tags: readonly Pick<TagRow, 'name' | 'value' | 'source'>[];
  /** How far back the caller's calls are looked at. 0: not at all and no tags carried, as for hidden and shared numbers. */
  readonly callerHistoryDays: number;
  readonly now: number;
}

/** What routing has to know of the caller. */
export interface BeginCallOutput {
  readonly enqueued: number;
  /** Calls of this caller that buyers answered, newest first. */
  readonly callerHistory: EarlierCall[];
  /** Tags the call has from the caller's last one. */
  readonly carriedTags: CallTag[];
}

/** The call is accepted: its row, its tags and the event `start` (semantics §1.1). Asked again, it changes nothing. */
export async function beginCall(context: OperationContext, input: BeginCallInput): Promise<BeginCallOutput> {
  const campaign = (await readConfiguration(context)).campaigns.get(input.campaignId);
  if (campaign === undefined) throw new AppError('campaign_unknown', `there is no campaign ${input.campaignId}`);
  const earlier = await earlierCalls(context, input);
  const callerHistory = earlier.map(({ uuid, ...call }) => call);
  if ((await findCall(context, input.uuid)) !== undefined) {
    return { enqueued: 0, callerHistory, carriedTags: await tagsCarriedBefore(context, input.uuid) };
  }
  const call = newCall(input);
  await insertRow(context, 'calls', call);
  for (const { name, value, source } of [...input.tags, ...systemTags(input)]) {
    await addTag(context, { call_uuid: input.uuid, name, value, source, added_at: input.now });
  }
  if (isRepeat(earlier, campaign, input.now)) {
    await addTag(context, { call_uuid: input.uuid, ...REPEAT_TAG, added_at: input.now });
  }
  const carriedTags = await carryTags(context, { uuid: input.uuid, campaign, earlier, now: input.now });
  const data = { carrier_id: input.carrierId, dialed_number: input.dialedNumber };
  const enqueued = await recordAndFire(context, call, 'start', { now: input.now, data });
  return { enqueued, callerHistory, carriedTags };
}

/** For the token `repeat` of webhooks. */
const REPEAT_TAG = { name: REPEAT_TAG_NAME, value: 'true', source: 'system' } as const;

/** A buyer of this campaign has talked to the caller within the days of its rule (semantics §6). */
function isRepeat(earlier: readonly EarlierCallRow[], { id, repeatCallers }: Campaign, now: number): boolean {
  const since = daysBefore(now, repeatCallers.withinDays);
  return earlier.some(({ campaignId, answeredAt }) => campaignId === id && answeredAt > since);
}

async function earlierCalls(context: OperationContext, input: BeginCallInput): Promise<EarlierCallRow[]> {
  const { callerNumber, callerHistoryDays, now } = input;
  if (callerNumber === undefined || callerHistoryDays === 0) return [];
  return callsOfCaller(context, { callerNumber, since: daysBefore(now, callerHistoryDays) });
}

async function tagsCarriedBefore(context: OperationContext, uuid: string): Promise<CallTag[]> {
  const tags = await tagsOfCall(context, uuid);
  return tags.filter(({ source }) => source === 'carried').map(({ name, value }) => ({ name, value }));
}

function systemTags({ campaignId, publisherId }: BeginCallInput): BeginCallInput['tags'] {
  const campaign = { name: 'system_campaign_id', value: campaignId, source: 'system' } as const;
  if (publisherId === undefined) return [campaign];
  return [campaign, { name: 'system_publisher_id', value: publisherId, source: 'system' }];
}

/** Nothing has happened yet: all that comes later is null or 0. */
function newCall(input: BeginCallInput): CallRow {
  return {
    uuid: input.uuid,
    key_version: input.keyVersion,
    node_id: input.nodeId,
    carrier_id: input.carrierId,
    campaign_id: input.campaignId,
    publisher_id: input.publisherId ?? null,
    dialed_number: input.dialedNumber,
    caller_number: input.callerNumber ?? null,
    sip_call_id: input.sipCallId,
    started_at: input.now,
    first_invited_at: null,
    answered_at: null,
    ended_at: null,
    end_estimated: 0,
    buyer_id: null,
    destination: null,
    hung_up_by: null,
    sip_status: null,
    q850_cause: null,
    outcome: null,
    outcome_reason: null,
    state: 'open',
    window_ends_at: null,
    group_id: null,
    group_json: null,
    decided_at: null,
    revenue_micros: 0,
    payout_micros: 0,
    postback_value: null,
    late: 0,
    duplicate: 0,
    ledger_seq: 0,
  };
}
