import type { Campaign, Publisher } from '../domain/account.ts';
import type { Buyer } from '../domain/buyer.ts';
import { wholeSeconds } from '../domain/call-durations.ts';
import { formatMoney } from '../domain/money.ts';
import { REPEAT_TAG_NAME } from '../domain/repeated-caller.ts';
import type { TagValues } from '../domain/tag-match.ts';
import type { FixedToken, TokenSnapshot } from '../domain/webhook-tokens.ts';
import type { CallRow } from '../store/tables.ts';

export interface TokenSources {
  readonly call: CallRow;
  readonly campaign: Campaign;
  readonly publisher?: Publisher | undefined;
  readonly buyer?: Buyer | undefined;
  readonly eventId: string;
  readonly eventAt: number;
  readonly currency: string;
}

/** Everything a webhook may say about the call at the moment of its event (semantics §8); the call key is not in it. */
export function takeTokenSnapshot(sources: TokenSources, tags: TagValues): TokenSnapshot {
  const values: Values = { ...partyValues(sources), ...timeValues(sources), ...moneyValues(sources.call) };
  values.repeat = flag(tags.has(REPEAT_TAG_NAME));
  const tagLists = Object.fromEntries([...tags].map(([name, set]) => [name, [...set]]));
  return { values, tags: tagLists, currency: sources.currency };
}

type Values = Partial<Record<FixedToken, string>>;

function partyValues({ call, campaign, publisher, buyer, eventId }: TokenSources): Values {
  const buyerId = buyer?.id ?? call.buyer_id ?? '';
  const publisherId = publisher?.id ?? call.publisher_id ?? '';
  return {
    event_id: eventId,
    call_uuid: call.uuid,
    caller_number: call.caller_number ?? '',
    dialed_number: call.dialed_number,
    campaign_id: call.campaign_id,
    campaign_name: campaign.name,
    system_campaign_id: call.campaign_id,
    publisher_id: publisherId,
    publisher_name: publisher?.name ?? '',
    system_publisher_id: publisherId,
    buyer_id: buyerId,
    buyer_name: buyer?.name ?? '',
    system_buyer_id: buyerId,
    hung_up_by: call.hung_up_by ?? '',
    sip_status: call.sip_status === null ? '' : String(call.sip_status),
  };
}

function timeValues({ call, eventAt }: TokenSources): Values {
  return {
    event_time: rfc3339(eventAt),
    event_time_unix: unixSeconds(eventAt),
    start_time: rfc3339(call.started_at),
    start_time_unix: unixSeconds(call.started_at),
    answer_time: rfc3339(call.answered_at),
    answer_time_unix: unixSeconds(call.answered_at),
    end_time: rfc3339(call.ended_at),
    end_time_unix: unixSeconds(call.ended_at),
    ring_seconds: seconds(call.first_invited_at, call.answered_at),
    connected_seconds: seconds(call.answered_at, call.ended_at),
    total_seconds: seconds(call.started_at, call.ended_at),
  };
}

function moneyValues(call: CallRow): Values {
  return {
    status: call.state,
    converted: flag(call.state === 'converted'),
    revenue: formatMoney(call.revenue_micros),
    payout: formatMoney(call.payout_micros),
    postback_value: call.postback_value ?? '',
    duplicate: flag(call.duplicate === 1),
    late: flag(call.late === 1),
    conversion_group: groupName(call.group_json),
  };
}

function rfc3339(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}

function unixSeconds(at: number | null): string {
  return at === null ? '' : String(Math.floor(at / 1000));
}

function seconds(from: number | null, to: number | null): string {
  return String(wholeSeconds(from, to) ?? '');
}

function flag(value: boolean): string {
  return value ? 'true' : 'false';
}

function groupName(groupJson: string | null): string {
  return groupJson === null ? '' : ((JSON.parse(groupJson) as { name?: string }).name ?? '');
}
