import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { type AcceptanceCall, acceptanceAccount, DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';

let folder: string;
let open: OpenStore<Operations>;
let raw: Database;
let call: AcceptanceCall;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const file = join(folder, 'calls.sqlite');
  open = await openSqliteStore<Operations>({ file, operations: new URL('../../src/operations.ts', import.meta.url) });
  await open.operations.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
  call = await endedCall(open.operations, { buyer: 'A' });
  await call.post('revenue=10', T0 + SECOND);
  raw = new SqliteDatabase(file);
  raw.pragma('foreign_keys = ON');
});
afterEach(async () => {
  raw.close();
  await open.close();
  rmSync(folder, { recursive: true });
});

it.each([
  ['change a ledger row', 'update ledger set payout_micros = 1', /never changed/],
  ['change only its note', "update ledger set note = 'x'", /never changed/],
  ['remove a ledger row', 'delete from ledger', /never removed/],
  ['replace a ledger row', 'insert or replace into ledger select * from ledger', /number after the last/],
  [
    'leave a hole',
    `insert into ledger select id, call_uuid, 3, at, actor, group_id, posted_value, rule_index, explanation,
     revenue_micros, payout_micros, currency, corrects_seq, kind, person, note from ledger`,
    /number after the last/,
  ],
  ['move money without a row', 'update calls set revenue_micros = 1', /only with a ledger row/],
  ['take a conversion back', "update calls set state = 'not_converted'", /never taken back/],
  ['remove a call with money', 'delete from calls', /only removed by retention/],
])('the database lets nobody %s', (_, statement, message) => {
  expect(() => raw.exec(statement)).toThrow(message);
  expect(raw.prepare('select count(*) from ledger').pluck().get()).toBe(1);
});

it('retention removes a call with its ledger', async () => {
  expect(await open.operations.purgeCalls({ endedBefore: T0 + DAY, limit: 10, now: T0 + DAY })).toEqual({ purged: 1 });
  expect(raw.prepare('select count(*) from ledger').pluck().get()).toBe(0);
});
