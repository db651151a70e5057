import { LAST_RESORT } from '../../calls/begin-attempt.ts';
import type { CallRecord } from '../../calls/get-call.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { formatMoney } from '../../domain/money.ts';
import type { AttemptRow, DeliveryRow, DeliveryTryRow, LedgerRow, PostbackRow, TagRow } from '../../store/tables.ts';
import { callJson } from './call-json.ts';
import { rfc3339 } from './rfc3339.ts';
import { routingJson } from './routing-json.ts';

/** A call with everything that happened to it, oldest first. */
export function callRecordJson(record: CallRecord, callKeys: Pick<CallKeys, 'derive'>) {
  return {
    ...callJson(record.call, callKeys),
    tags: record.tags.map(tagJson),
    routing: routingJson(record.routing),
    attempts: record.attempts.map(attemptJson),
    ledger: record.ledger.map(ledgerJson),
    events: record.events.map(({ id, type, at, data_json }) => ({
      event_id: id,
      type,
      event_time: rfc3339(at),
      data: JSON.parse(data_json),
    })),
    postbacks: record.postbacks.map(postbackJson),
    deliveries: record.deliveries.map((delivery) => deliveryJson(delivery, record.tries)),
  };
}

export function tagJson({ name, value, source, added_at }: TagRow) {
  return { name, value, source, time: rfc3339(added_at) };
}

export function attemptJson(attempt: AttemptRow) {
  return {
    seq: attempt.seq,
    buyer_id: attempt.buyer_id === LAST_RESORT ? null : attempt.buyer_id,
    destination: attempt.destination,
    invite_time: rfc3339(attempt.invited_at),
    ringing_time: rfc3339(attempt.ringing_at),
    answer_time: rfc3339(attempt.answered_at),
    end_time: rfc3339(attempt.ended_at),
    ring_seconds: ringSeconds(attempt),
    sip_status: attempt.sip_status,
    reason: attempt.reason,
  };
}

export /** From the INVITE to the answer, or to the end; null while it goes on. */
function ringSeconds({ invited_at, answered_at, ended_at }: AttemptRow): number | null {
  const until = answered_at ?? ended_at;
  return until === null ? null : (until - invited_at) / 1000;
}

function ledgerJson(row: LedgerRow) {
  return {
    seq: row.seq,
    kind: row.kind,
    time: rfc3339(row.at),
    actor: row.actor,
    conversion_group_id: row.group_id,
    postback_value: row.posted_value,
    explanation: row.explanation,
    revenue: formatMoney(row.revenue_micros),
    payout: formatMoney(row.payout_micros),
    currency: row.currency,
    corrects_seq: row.corrects_seq,
    person: row.person,
    note: row.note,
  };
}

/** What arrived, from where, what it came to and why, and what was answered; the key is never in it. */
export function postbackJson(row: PostbackRow) {
  return {
    postback_id: row.id,
    time: rfc3339(row.at),
    kind: row.kind,
    method: row.method,
    source_address: row.source_address,
    parameters: JSON.parse(row.parameters_json),
    status: row.status,
    reason: row.reason,
    effect: row.effect,
    http_status: row.http_status,
    revenue: row.revenue_micros === null ? null : formatMoney(row.revenue_micros),
    payout: row.payout_micros === null ? null : formatMoney(row.payout_micros),
    postback_token_id: row.token_id,
    waits_for_end: row.waits_for_end === 1,
  };
}

/** A delivery with every try. */
export function deliveryJson(row: DeliveryRow, tries: readonly DeliveryTryRow[]) {
  return {
    delivery_id: row.id,
    event_id: row.event_id,
    webhook_id: row.webhook_id,
    trigger: row.trigger,
    state: row.state,
    due_time: row.state === 'due' ? rfc3339(row.due_at) : null,
    finished_time: rfc3339(row.finished_at),
    tries: tries.filter(({ delivery_id }) => delivery_id === row.id).map(tryJson),
  };
}

function tryJson(row: DeliveryTryRow) {
  return {
    time: rfc3339(row.at),
    elapsed_seconds: row.elapsed_ms / 1000,
    http_status: row.http_status,
    error: row.error,
    answer: row.answer,
  };
}
