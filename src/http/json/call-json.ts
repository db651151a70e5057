import { wholeSeconds } from '../../domain/call-durations.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { formatMoney } from '../../domain/money.ts';
import type { CallRow } from '../../store/tables.ts';
import { rfc3339 } from './rfc3339.ts';

/** A call as operators read it: names of semantics §8, times RFC 3339, money decimal text, key masked. */
export function callJson(call: CallRow, callKeys: Pick<CallKeys, 'derive'>) {
  return {
    call_uuid: call.uuid,
    call_key: maskedKey(call, callKeys),
    ...callOutcomeJson(call),
    ...moneyOf(call),
  };
}

/** Who talked to whom, when, and how it ended. */
export function callOutcomeJson(call: CallRow) {
  return { ...partiesOf(call), ...timesOf(call), ...endOf(call) };
}

function partiesOf(call: CallRow) {
  return {
    caller_number: call.caller_number,
    dialed_number: call.dialed_number,
    carrier_id: call.carrier_id,
    campaign_id: call.campaign_id,
    publisher_id: call.publisher_id,
    buyer_id: call.buyer_id,
    destination: call.destination,
    node_id: call.node_id,
    sip_call_id: call.sip_call_id,
  };
}

function timesOf(call: CallRow) {
  return {
    start_time: rfc3339(call.started_at),
    first_invite_time: rfc3339(call.first_invited_at),
    answer_time: rfc3339(call.answered_at),
    end_time: rfc3339(call.ended_at),
    end_estimated: call.end_estimated === 1,
    ring_seconds: wholeSeconds(call.first_invited_at, call.answered_at),
    connected_seconds: wholeSeconds(call.answered_at, call.ended_at),
    total_seconds: wholeSeconds(call.started_at, call.ended_at),
  };
}

function endOf(call: CallRow) {
  return {
    hung_up_by: call.hung_up_by,
    sip_status: call.sip_status,
    q850_cause: call.q850_cause,
    outcome: call.outcome,
    outcome_reason: call.outcome_reason,
  };
}

function moneyOf(call: CallRow) {
  return {
    status: call.state,
    conversion_group: groupName(call.group_json),
    conversion_group_id: call.group_id,
    window_end_time: rfc3339(call.window_ends_at),
    decision_time: rfc3339(call.decided_at),
    revenue: formatMoney(call.revenue_micros),
    payout: formatMoney(call.payout_micros),
    postback_value: call.postback_value,
    late: call.late === 1,
    duplicate: call.duplicate === 1,
    ledger_seq: call.ledger_seq,
  };
}

function groupName(groupJson: string | null): string | null {
  return groupJson === null ? null : ((JSON.parse(groupJson) as { name?: string }).name ?? null);
}

/** Four of forty characters: enough to compare with what a buyer shows, useless to post with. */
function maskedKey(call: CallRow, callKeys: Pick<CallKeys, 'derive'>): string | null {
  try {
    return `${callKeys.derive(call.uuid, call.key_version).slice(0, 4)}…`;
  } catch {
    return null;
  }
}
