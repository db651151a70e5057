import { beforeEach, describe, expect, it } from 'vitest';
import type { Cap } from '../../src/domain/buyer.ts';
import { traceOf } from '../../src/domain/routing-trace.ts';
import { migrate } from '../../src/store/migrate.ts';
import { memoryDatabase } from '../support/memory-database.ts';
import { accountWithCaps, concurrent, ReservingCall } from '../support/reserving-calls.ts';

const NOON = Date.parse('2026-03-02T17:00:00Z');
const DAY = 86_400_000;
const NO_TRACE = traceOf({ candidates: [], skipped: [] });

const NONE_TODAY: Cap = { per: 'day', limit: 0, counts: 'connections' };

const CAPS: readonly Cap[] = [
  concurrent(100),
  { per: 'hour', limit: 100, counts: 'connections' },
  { per: 'total', limit: 100, counts: 'conversions' },
];

describe('queries of routing on SQLite', () => {
  let memory: ReturnType<typeof memoryDatabase>;

  beforeEach(async () => {
    memory = memoryDatabase();
    await migrate(memory.db);
    const buyers = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`full${index}`, [index % 2 === 0 ? concurrent(0) : NONE_TODAY]]),
    );
    const repeatCallers = { mode: 'to_previous_buyer', withinDays: 30, carryTags: 'all' } as const;
    const account = accountWithCaps({ ...buyers, A: CAPS, B: CAPS, free: [] }, { repeatCallers });
    await memory.store.applyAccount({ account, now: NOON });
  });

  const begun = async (now = NOON) => {
    const call = new ReservingCall(memory.store, { now, historyDays: 30 });
    await call.begin();
    return call;
  };
  /** The statements that a step runs. */
  const queriesOf = async (step: () => Promise<unknown>) => {
    memory.queries.length = 0;
    await step();
    return [...memory.queries];
  };
  const planOf = (sql: string) => {
    const parameters = Array.from(sql.matchAll(/\?/g), () => null);
    const rows = memory.database.prepare(`explain query plan ${sql}`).all(parameters) as { detail: string }[];
    return rows.map(({ detail }) => detail);
  };

  it('a reservation is a few statements, however many candidates there are', async () => {
    await (await begun()).reserve([['A'], ['B']]);
    const call = await begun();
    const first = await queriesOf(() => call.reserve([['A'], ['B']]));
    expect(first.map(({ sql }) => /from "(\w+)"|into "(\w+)"/.exec(sql)?.slice(1).join(''))).toEqual([
      'entities',
      'holds',
      'buyer_counts',
      'holds',
    ]);
    const candidates = Array.from({ length: 1000 }, (_, index) => [`full${index}`]);
    await call.reserve(candidates);
    const other = await begun();
    const last = await queriesOf(() => other.reserve([...candidates, ['A']]));
    expect(last.length).toBeLessThanOrEqual(2 + 2 * 4);
    const uncapped = await queriesOf(() => call.reserve([['free']]));
    expect(uncapped).toHaveLength(2);
  });

  it('a period is counted once, then kept up', async () => {
    const [first, second] = [await begun(), await begun()];
    const counting = await queriesOf(() => first.reserve([['A']]));
    expect(counting.filter(({ sql }) => sql.includes('count(*)') && sql.includes('"calls"'))).toHaveLength(2);
    const again = await queriesOf(() => second.reserve([['A']]));
    expect(again.filter(({ sql }) => sql.includes('"calls"') && !sql.includes('insert'))).toEqual([]);
  });

  it('every statement finds its rows by an index', async () => {
    const first = await begun(NOON - DAY);
    const queries = await queriesOf(async () => {
      await first.reserve([['A', 'B']]);
      await first.dial('A');
      await first.answer('A');
      await first.release('B');
      await memory.store.recordRouting({ callUuid: first.uuid, trace: NO_TRACE, now: NOON });
      await first.end(NOON, ['A']);
      await begun();
      await memory.store.buyerLoads({ buyerIds: ['A', 'B'], now: NOON });
    });
    const plans = new Map([...new Set(queries.map(({ sql }) => sql))].map((sql) => [sql, planOf(sql)]));
    const used = [...plans.values()].flat();
    for (const name of [
      'calls_answered_by_caller',
      'calls_answered_by_buyer',
      'calls_converted_by_buyer',
      'holds_by_call',
    ]) {
      expect(
        used.some((step) => step.includes(name)),
        name,
      ).toBe(true);
    }
    const scans = [...plans].filter(([, steps]) =>
      steps.some((step) => step.startsWith('SCAN') || /TEMP B-TREE/.test(step)),
    );
    expect(scans.filter(([sql]) => !isReadWhole(sql))).toEqual([]);
  });

  it('periods that are over do not stay', async () => {
    for (let hour = 0; hour < 50; hour += 1) {
      const now = NOON + (hour * DAY) / 24;
      const call = await begun(now);
      await call.reserve([['A']]);
      await call.end(now);
    }
    const rows = await memory.db.selectFrom('buyer_counts').selectAll().execute();
    expect(rows.length).toBeLessThanOrEqual(4);
    expect(await memory.db.selectFrom('holds').selectAll().execute()).toEqual([]);
  });
});

/** Configuration is read whole when it has changed; a list of placeholders is no table. */
function isReadWhole(sql: string): boolean {
  return sql.includes('"entities"');
}
