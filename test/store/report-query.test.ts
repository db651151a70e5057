import { expect, it } from 'vitest';
import { addUpCalls } from '../../src/calls/add-up-calls.ts';
import type { ReportKey } from '../../src/domain/report.ts';
import { migrate } from '../../src/store/migrate.ts';
import { memoryDatabase } from '../support/memory-database.ts';

const from = Date.parse('2026-03-01T05:00:00Z');
const to = Date.parse('2026-04-01T05:00:00Z');

it.each([
  ['campaign', {}, ['call_totals', 'call_day_totals', 'call_totals']],
  ['buyer', { publisher_id: 'radio' }, ['call_totals', 'call_day_totals', 'call_totals']],
  ['day', {}, ['call_quarter_totals']],
  ['hour', { campaign_id: 'auto' }, ['call_totals']],
] as const)('a report by %s of %j reads its period by primary key, and no call', async (by, filter, tables) => {
  const { database, db, queries } = memoryDatabase();
  await migrate(db);
  queries.length = 0;
  await addUpCalls({ db }, { by: by as ReportKey, from, to, zone: 'America/New_York', filter });
  const [{ sql, parameters } = { sql: '', parameters: [] }] = queries;
  const plan = database.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`).all(...parameters);
  const reads = plan.map(({ detail }) => detail).filter((detail) => /^(SEARCH|SCAN) call/.test(detail));
  expect(reads).toEqual(tables.map((table) => expect.stringMatching(`^SEARCH ${table} USING PRIMARY KEY`)));
  expect(queries).toHaveLength(1);
  database.close();
});
