import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { newUuid } from '../src/domain/ids.ts';
import type { Operations } from '../src/operations.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../src/store/store.ts';
import { aCallRow } from '../test/support/call-rows.ts';
import { percentiles } from './percentiles.ts';
import { printVerdicts } from './promises.ts';
import { ms, startTable, whole } from './table.ts';

/** Windows that are over among so many that are not; what the many add must stay within the noise. */
const DUE = 1_000;
const PROMISED = { ratio: 1.5, few: 10_000, many: 1_000_000 } as const;
const TURNS = 5;
const WINDOWS_PER_SWEEP = 500;
const HOUR_MS = 3_600_000;

interface Swept {
  /** Median of the turns, for all that is due. */
  readonly dueMs: number;
  readonly nothingDueMs: number;
}

/** What pending windows cost a sweep: the same thousand due ones among few and among a million. True if the promise is kept. */
export async function measureSweep(quick: boolean): Promise<boolean> {
  const sizes = quick ? [1_000, 10_000] : [PROMISED.few, 100_000, PROMISED.many];
  const table = startTable(
    `\nSweep: ${DUE} windows due, each a decision with its event, durable; medians of ${TURNS}`,
    [
      ['pending', 9],
      ['due ms', 8],
      ['nothing due ms', 14],
    ],
  );
  const swept: Swept[] = [];
  for (const size of sizes) {
    const result = await sweepAmong(size);
    table.row(whole(size), ms(result.dueMs), ms(result.nothingDueMs));
    swept.push(result);
  }
  const ratio = (swept.at(-1)?.dueMs ?? Number.NaN) / (swept[0]?.dueMs ?? Number.NaN);
  const what = `sweep among ${whole(sizes.at(-1) ?? 0)} pending, among ${whole(sizes[0] ?? 0)} = 1`;
  return printVerdicts([[what, `<= ${PROMISED.ratio}`, ms(ratio), ratio <= PROMISED.ratio]]);
}

async function sweepAmong(pending: number): Promise<Swept> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-sweep-'));
  const file = join(folder, 'bridge.sqlite');
  const open = () =>
    openSqliteStore<Operations>({ file, operations: new URL('../src/operations.ts', import.meta.url) });
  await (await open()).close();
  const now = Date.now();
  seed(file, pending, now);
  const store = await open();
  try {
    const [due, nothing]: [number[], number[]] = [[], []];
    for (let turn = 1; turn <= TURNS; turn += 1) {
      due.push(await timed(() => sweep(store.operations, now + turn * HOUR_MS)));
      nothing.push(await timed(() => sweep(store.operations, now + turn * HOUR_MS)));
    }
    return { dueMs: percentiles(due).p50, nothingDueMs: percentiles(nothing).p50 };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sweep(store: Store<Operations>, now: number): Promise<void> {
  for (;;) {
    const { expired } = await store.expireWindows({ now, limit: WINDOWS_PER_SWEEP });
    if (expired < WINDOWS_PER_SWEEP) return;
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A thousand windows end in each of the next hours, all others in a year or later. */
function seed(file: string, pending: number, now: number): void {
  const database = new SqliteDatabase(file);
  const columns = Object.keys(aCallRow({ uuid: '' }));
  const insert = database.prepare(`insert into calls (${columns}) values (${columns.map((name) => `@${name}`)})`);
  database.transaction(() => {
    for (let n = 0; n < pending + TURNS * DUE; n += 1) {
      const hours = n < TURNS * DUE ? Math.floor(n / DUE) + 0.5 : 8_760 + (n % 8_760);
      insert.run(aCallRow({ uuid: newUuid(now), state: 'pending', window_ends_at: now + hours * HOUR_MS }));
    }
  })();
  database.close();
}
