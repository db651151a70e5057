import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { acceptanceAccount, DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';

let folder: string;
let open: OpenStore<Operations>;
const file = () => join(folder, 'bridge.sqlite');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  open = await openSqliteStore<Operations>({
    file: file(),
    operations: new URL('../../src/operations.ts', import.meta.url),
  });
  const store = open.operations;
  await store.applyAccount({ account: acceptanceAccount(), now: T0 - 9 * DAY });
  for (const endsAt of [T0 - DAY, T0, T0]) {
    const call = await endedCall(store, { buyer: 'A', endsAt });
    await call.post('revenue=10', endsAt + SECOND);
    await call.post('revenue=12.34', endsAt + 2 * SECOND);
  }
  await endedCall(store, { buyer: 'C', talkedSeconds: 10 });
  await endedCall(store, { buyer: 'B' });
});
afterAll(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function audit(...args: string[]): Promise<Ended> {
  const program = new URL('../../src/cli/bridge.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, 'audit', ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: folder },
  });
  const ended = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    ended.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ended.err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...ended })));
}

it('says that everything adds up, while the service has the database open', async () => {
  const { code, out } = await audit();
  expect(out).toContain('5 calls: 3 converted, 1 not converted, 1 pending, 0 running; 6 ledger rows');
  expect(out).toContain('revenue 37.02  payout 29.61  USD');
  expect(out).toContain('Everything adds up.');
  expect(code).toBe(0);
});

it('tells a period by the start of its calls, as JSON too', async () => {
  const { code, out } = await audit('--from', '2026-03-01', '--to', '2026-03-02', '--json');
  const day = { calls: { revenue: '24.68', payout: '19.74' }, ledger: { revenue: '24.68', payout: '19.74' } };
  expect(JSON.parse(out)).toMatchObject({
    adds_up: true,
    calls: { converted: 2 },
    total: day,
    days: [{ day: '2026-03-01', ...day }],
  });
  expect(code).toBe(0);
});

it('tells what does not add up, readably, with code 1', async () => {
  const raw = new SqliteDatabase(file());
  const guards = raw.prepare("select name, sql from sqlite_master where type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of guards) raw.exec(`drop trigger ${name}`);
  const [uuid] = raw
    .prepare("select uuid from calls where state = 'converted' order by uuid")
    .pluck()
    .all() as string[];
  raw.prepare('update calls set revenue_micros = 1 where uuid = ?').run(uuid);
  raw.pragma('foreign_keys = OFF');
  raw.exec(
    "insert into ledger select 'x', '0000', 1, at, actor, group_id, posted_value, rule_index, explanation, revenue_micros, payout_micros, currency, corrects_seq, kind, person, note from ledger limit 1",
  );
  const { code, out } = await audit();
  expect(code).toBe(1);
  expect(out).toMatch(/3 things do not add up:/);
  expect(out).toMatch(new RegExp(`${uuid} +money +the call says 0.000001/9.87, its last ledger row 12.34/9.87`));
  expect(out).toMatch(/0000 +orphan +ledger row 1 has no call/);
  expect(out).toMatch(/2026-02-28 +calls 0.000001\/9.87 +ledgers 12.34\/9.87/);
  raw.prepare('update calls set revenue_micros = 12340000 where uuid = ?').run(uuid);
  raw.exec("delete from ledger where call_uuid = '0000'");
  for (const { sql } of guards) raw.exec(sql);
  raw.close();
});

it('that cannot look says what to do, with code 2', async () => {
  expect(await audit('--from', 'yesterday')).toMatchObject({ code: 2, err: expect.stringContaining('write a date') });
  expect(await audit('--nonsense')).toMatchObject({ code: 2 });
});
