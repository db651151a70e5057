import { CALLER_NUMBER_GRANT } from '../../domain/access.ts';
import { wholeSeconds } from '../../domain/call-durations.ts';
import { formatMoney } from '../../domain/money.ts';
import type { CallRow, TagRow } from '../../store/tables.ts';
import { rfc3339 } from './rfc3339.ts';

/** A call as its publisher sees it: not who bought it, nor for how much; the caller only if granted. */
export function publisherCallJson(call: CallRow, grants: readonly string[]) {
  return {
    call_uuid: call.uuid,
    caller_number: grants.includes(CALLER_NUMBER_GRANT) ? call.caller_number : null,
    dialed_number: call.dialed_number,
    campaign_id: call.campaign_id,
    publisher_id: call.publisher_id,
    start_time: rfc3339(call.started_at),
    answer_time: rfc3339(call.answered_at),
    end_time: rfc3339(call.ended_at),
    connected_seconds: wholeSeconds(call.answered_at, call.ended_at),
    status: call.state,
    decision_time: rfc3339(call.decided_at),
    payout: formatMoney(call.payout_micros),
    late: call.late === 1,
    duplicate: call.duplicate === 1,
  };
}

/** The same with the tags that are granted. */
export function publisherRecordJson(call: CallRow, tags: readonly TagRow[], grants: readonly string[]) {
  const granted = tags.filter(({ name }) => grants.includes(name));
  return { ...publisherCallJson(call, grants), tags: granted.map(({ name, value }) => ({ name, value })) };
}
