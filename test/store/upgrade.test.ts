import { Migrator } from 'kysely/migration';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import * as calls from '../../src/store/migrations/0001-calls.ts';
import { memoryDatabase } from '../support/memory-database.ts';
import { accountWithCaps, ReservingCall } from '../support/reserving-calls.ts';

const NOON = Date.parse('2026-03-02T17:00:00Z');
const DAY = 86_400_000;
const CALLER = '+14155550001';

/** As versions before routing wrote it: routes with one buyer, destinations as plain text. */
const OLD_BUYER = { id: 'A', name: 'A', destinations: ['sip:a@buyer.example'], ringTimeoutSeconds: 30, paused: false };
const OLD_CAMPAIGN = {
  id: 'campaign',
  name: 'Campaign',
  tags: {},
  routes: [{ buyerId: 'A', priority: 1, weight: 1, matches: [] }],
  conversionGroups: [],
  webhooks: [],
  postOnly: false,
};

/** A row of the table `calls` of that time. */
const OLD_CALL = {
  key_version: 1,
  node_id: 'node-1',
  carrier_id: 'carrier',
  campaign_id: 'campaign',
  publisher_id: null,
  dialed_number: '+18005550100',
  caller_number: CALLER,
  sip_call_id: 'x',
  started_at: NOON - DAY,
  first_invited_at: NOON - DAY,
  answered_at: NOON - DAY,
  ended_at: NOON - DAY + 60_000,
  end_estimated: 0,
  buyer_id: 'A',
  destination: 'sip:a@buyer.example',
  hung_up_by: 'buyer',
  sip_status: 200,
  q850_cause: null,
  outcome: 'completed',
  outcome_reason: 'buyer_hung_up',
  state: 'converted',
  window_ends_at: null,
  group_id: 'duration',
  group_json: '{}',
  decided_at: NOON - DAY + 60_000,
  revenue_micros: 1,
  payout_micros: 1,
  postback_value: null,
  late: 0,
  duplicate: 0,
  ledger_seq: 1,
} as const;

describe('a database of the version before routing', () => {
  let memory: ReturnType<typeof memoryDatabase>;

  beforeEach(async () => {
    memory = memoryDatabase();
    const { db } = memory;
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ '0001-calls': calls }) } });
    expect((await migrator.migrateToLatest()).error).toBeUndefined();
    const entity = { updated_at: NOON - DAY, removed_at: null };
    const account = { currency: 'USD', revision: 'old' };
    for (const [kind, id, body] of [
      ['account', 'account', account],
      ['buyer', 'A', OLD_BUYER],
      ['campaign', 'campaign', OLD_CAMPAIGN],
      ['campaign', 'gone', { ...OLD_CAMPAIGN, id: 'gone' }],
    ] as const) {
      await db
        .insertInto('entities')
        .values({ kind, id, body_json: JSON.stringify(body), ...entity })
        .execute();
    }
    await db
      .insertInto('calls')
      .values({ uuid: 'answered', ...OLD_CALL })
      .execute();
    const running = { ended_at: null, answered_at: null, buyer_id: null, state: 'open', ledger_seq: 0 } as const;
    await db
      .insertInto('calls')
      .values({ uuid: 'running', ...OLD_CALL, ...running, campaign_id: 'gone' })
      .execute();
    const tag = { call_uuid: 'answered', name: 'quality', value: 'high', source: 'postback', added_at: NOON } as const;
    await db.insertInto('tags').values(tag).execute();
    await migrate(db);
  });

  const buyerWith = { A: [{ per: 'total', limit: 1, counts: 'connections' }] } as const;
  const carrying = { repeatCallers: { mode: 'off', withinDays: 30, carryTags: 'all' } } as const;

  it('keeps its calls, which count towards caps and as history', async () => {
    const { store } = memory;
    await store.applyAccount({ account: accountWithCaps(buyerWith, carrying), now: NOON });
    const call = new ReservingCall(store, { now: NOON, historyDays: 30 });
    const begun = await call.begin();
    expect(begun.callerHistory).toMatchObject([{ buyerId: 'A', answeredAt: NOON - DAY, converted: true }]);
    expect(begun.carriedTags).toEqual([{ name: 'quality', value: 'high' }]);
    const detail = '1 of 1 connections in total';
    expect(await call.reserve([['A']])).toEqual({ capReached: [{ buyerId: 'A', detail }] });
    expect(await store.getCall({ uuid: 'answered' })).toMatchObject({ routing: undefined, tags: [{ value: 'high' }] });
  });

  it('what was removed before still ends the calls that ran under it', async () => {
    const { store } = memory;
    expect(await store.closeAbandonedCalls({ nodeId: 'node-1', now: NOON })).toMatchObject({ closed: 1 });
    expect((await store.getCall({ uuid: 'running' }))?.call.state).toBe('not_converted');
  });

  it('bodies of the old shape stop neither a call nor a reservation', async () => {
    const { store } = memory;
    const call = new ReservingCall(store, { now: NOON, historyDays: 30, campaignId: 'gone' });
    expect(await call.begin()).toMatchObject({ carriedTags: [] });
    expect(await call.reserve([['A']])).toMatchObject({ chosen: { index: 0 } });
    expect((await store.buyerLoads({ buyerIds: ['A'], now: NOON })).get('A')?.lines).toBe(1);
  });
});
