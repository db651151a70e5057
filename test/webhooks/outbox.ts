import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Webhook } from '../../src/domain/account.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { CallRow, TagRow } from '../../src/store/tables.ts';
import type { EnqueueInput } from '../../src/webhooks/enqueue.ts';
import { aCampaign } from '../support/account-builders.ts';
import type { operations } from './outbox-operations.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const CALL_UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

/** A real SQLite file with an empty outbox. */
export async function openOutbox() {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  const url = new URL('./outbox-operations.ts', import.meta.url);
  const store = await openSqliteStore<typeof operations>({ file: join(folder, 'calls.db'), operations: url });
  const close = async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return { store: store.operations, close };
}

export function aWebhook(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: 'w1',
    trigger: 'converted',
    method: 'POST',
    url: 'https://hooks.example/',
    headers: {},
    body: undefined,
    matches: [],
    trusted: false,
    ...changes,
  };
}

export function aCall(changes: Partial<CallRow> = {}): CallRow {
  return {
    uuid: CALL_UUID,
    key_version: 1,
    node_id: 'n1',
    carrier_id: 'carrier',
    campaign_id: 'cars',
    publisher_id: 'radio',
    dialed_number: '+18005550100',
    caller_number: '+14155551234',
    sip_call_id: 'x@y',
    started_at: NOW - 100_000,
    first_invited_at: NOW - 99_000,
    answered_at: NOW - 90_500,
    ended_at: NOW - 10_000,
    end_estimated: 0,
    buyer_id: 'acme',
    destination: 'sip:acme@127.0.0.1',
    hung_up_by: 'caller',
    sip_status: 200,
    q850_cause: 16,
    outcome: 'completed',
    outcome_reason: 'hangup',
    state: 'converted',
    window_ends_at: null,
    group_id: 'g1',
    group_json: '{"name":"Sales"}',
    decided_at: NOW,
    revenue_micros: 10_000_000,
    payout_micros: 8_000_000,
    postback_value: '10.00',
    late: 0,
    duplicate: 0,
    ledger_seq: 1,
    ...changes,
  } as CallRow;
}

export function aTag(name: string, value: string): TagRow {
  return { call_uuid: CALL_UUID, name, value, source: 'postback', added_at: NOW };
}

export function anEvent(webhooks: readonly Webhook[], changes: Partial<EnqueueInput> = {}): EnqueueInput {
  const campaign = aCampaign({ id: 'cars', name: 'Car insurance', webhooks });
  return {
    call: aCall(),
    campaign,
    tags: [],
    trigger: 'converted',
    eventId: 'e1',
    eventAt: NOW,
    now: NOW,
    currency: 'USD',
    ...changes,
  };
}
