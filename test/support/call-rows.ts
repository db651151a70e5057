import type { CallRow } from '../../src/store/tables.ts';

/** A call answered and over, as its row is kept. */
export function aCallRow(change: Partial<CallRow> & Pick<CallRow, 'uuid'>): CallRow {
  return {
    key_version: 1,
    node_id: 'node',
    carrier_id: 'carrier',
    campaign_id: 'campaign',
    publisher_id: null,
    dialed_number: '+18005550100',
    caller_number: '+12025550100',
    sip_call_id: 'call-id',
    started_at: 1_000,
    first_invited_at: 1_100,
    answered_at: 2_000,
    ended_at: 62_000,
    end_estimated: 0,
    buyer_id: 'buyer',
    destination: 'sip:buyer@192.0.2.1',
    hung_up_by: 'caller',
    sip_status: 200,
    q850_cause: null,
    outcome: 'connected',
    outcome_reason: null,
    state: 'not_converted',
    window_ends_at: null,
    group_id: 'group',
    group_json: null,
    decided_at: null,
    revenue_micros: 0,
    payout_micros: 0,
    postback_value: null,
    late: 0,
    duplicate: 0,
    ledger_seq: 0,
    ...change,
  };
}
