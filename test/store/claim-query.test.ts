import { expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { memoryDatabase } from '../support/memory-database.ts';

it('a claim finds what is due by index, and then touches that alone (semantics §8)', async () => {
  const { db, database, queries, store } = memoryDatabase();
  await migrate(db);
  const delivery = {
    ...{ event_id: 'e', call_uuid: 'u', campaign_id: 'c', trigger: 'ended', webhook_json: '{}', tokens_json: '{}' },
    ...{
      key_version: 1,
      state: 'due' as const,
      tries: 0,
      created_at: 0,
      due_at: 0,
      lease_owner: null,
      finished_at: null,
    },
  };
  for (let n = 1; n <= 50; n += 1) {
    const row = { ...delivery, id: `d${n}`, webhook_id: n <= 40 ? 'dead' : 'healthy' };
    await db.insertInto('deliveries').values(row).execute();
  }
  const claimed = await store.claimDeliveries({ now: 1, limit: 8, leaseMs: 1, owner: 'o', busyWebhooks: ['dead'] });
  expect(claimed.map(({ id }) => id)).toEqual(['d41', 'd42', 'd43', 'd44', 'd45', 'd46', 'd47', 'd48']);
  const query = queries.find(({ sql }) => sql.startsWith('update "deliveries" set "due_at"'))!;
  const plan = database.prepare(`explain query plan ${query.sql}`).all(query.parameters) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toEqual([
    'SEARCH deliveries USING COVERING INDEX sqlite_autoindex_deliveries_1 (id=?)',
    'LIST SUBQUERY 1',
    'SEARCH deliveries USING INDEX deliveries_by_webhook (state=? AND webhook_id=? AND due_at<?)',
    'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
  ]);
});
