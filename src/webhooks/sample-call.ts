import type { Campaign } from '../domain/account.ts';
import type { CallRow, TagRow } from '../store/tables.ts';

const SECOND = 1_000;
const ANSWERED_SECONDS_AGO = 130;

/** A call that never was, for trying a webhook before there is one: sold for 10.00, with the tag `channel`. */
export function sampleCall(
  campaign: Campaign,
  now: number,
): { readonly call: CallRow; readonly tags: readonly TagRow[] } {
  const [group] = campaign.conversionGroups;
  const uuid = '00000000-0000-7000-8000-000000000000';
  const answeredAt = now - ANSWERED_SECONDS_AGO * SECOND;
  const call: CallRow = {
    ...{ uuid, key_version: 1, node_id: 'sample', carrier_id: 'sample', campaign_id: campaign.id },
    publisher_id: null,
    ...{ dialed_number: '+18005550100', caller_number: '+12025550100', sip_call_id: 'sample' },
    ...{ started_at: answeredAt - 8 * SECOND, first_invited_at: answeredAt - 7 * SECOND, answered_at: answeredAt },
    ...{ ended_at: now - 10 * SECOND, end_estimated: 0 },
    buyer_id: campaign.routes[0]?.buyerIds[0] ?? null,
    destination: 'sip:sample@192.0.2.1',
    ...{
      hung_up_by: 'caller',
      sip_status: 200,
      q850_cause: 16,
      outcome: 'completed',
      outcome_reason: 'caller_hung_up',
    },
    ...{ state: 'converted', window_ends_at: null, group_id: group?.id ?? null },
    group_json: group === undefined ? null : JSON.stringify(group),
    ...{ decided_at: now, revenue_micros: 10_000_000, payout_micros: 8_000_000, postback_value: '10.00' },
    ...{ late: 0, duplicate: 0, ledger_seq: 1 },
  };
  return { call, tags: [{ call_uuid: uuid, name: 'channel', value: 'sample', source: 'postback', added_at: now }] };
}
