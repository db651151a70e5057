import { Migrator } from 'kysely/migration';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts';
import { aCallRow } from '../support/call-rows.ts';
import { memoryDatabase } from '../support/memory-database.ts';
import { seededRandom } from '../support/seeded-random.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const QUARTER_MS = 900_000;

/** What the calls that are over come to, straight from their rows. */
const FROM_CALLS = `select started_at / 900000 as quarter, campaign_id, coalesce(publisher_id, '') as publisher_id,
  coalesce(buyer_id, '') as buyer_id, dialed_number, count(*) as calls, count(answered_at) as connected,
  coalesce(sum(ended_at - answered_at), 0) as connected_ms, sum(state = 'converted') as converted,
  sum(revenue_micros) as revenue_micros, sum(payout_micros) as payout_micros
  from calls where ended_at is not null group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`;
const KEPT = 'select * from call_totals order by 1, 2, 3, 4, 5';

/** The other tables of totals, and what they must be by the first. */
const SUMS = ['calls', 'connected', 'connected_ms', 'converted', 'revenue_micros', 'payout_micros']
  .map((name) => `sum(${name}) as ${name}`)
  .join(', ');
const COARSER = [
  ['select * from call_quarter_totals order by 1', `select quarter, ${SUMS} from call_totals group by 1 order by 1`],
  [
    'select * from call_day_totals order by 1, 2, 3, 4, 5',
    `select quarter / 96 as day, campaign_id, publisher_id, buyer_id, dialed_number, ${SUMS}
     from call_totals group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
  ],
] as const;

function expectCoarserToo({ database }: ReturnType<typeof memoryDatabase>): void {
  for (const [kept, wanted] of COARSER) expect(database.prepare(kept).all()).toEqual(database.prepare(wanted).all());
}

type Memory = ReturnType<typeof memoryDatabase>;

function insertCall({ database }: Memory, row: object): void {
  const columns = Object.keys(row);
  database.prepare(`insert into calls (${columns}) values (${columns.map((name) => `@${name}`)})`).run(row);
}

const open = { ended_at: null, answered_at: null, buyer_id: null, state: 'open' } as const;

describe('totals of calls', () => {
  it('are what the rows add up to, after any history of ends, decisions and corrections', async () => {
    const memory = memoryDatabase();
    await migrate(memory.db);
    const random = seededRandom(7);
    const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)]!;
    for (let n = 0; n < 300; n += 1) {
      const uuid = `call-${n}`;
      const at = NOON + Math.floor(random() * 6) * 20 * QUARTER_MS;
      insertCall(memory, aCallRow({ uuid, ...open, started_at: at, publisher_id: pick(['p1', null]) }));
      const answered = pick([at + 5_000, null]);
      const change = (set: string) => memory.database.prepare(`update calls set ${set} where uuid = ?`).run(uuid);
      if (random() < 0.3) change('revenue_micros = 5, payout_micros = 4, ledger_seq = ledger_seq + 1');
      if (random() < 0.9) {
        change(
          `ended_at = ${at + 65_000}, answered_at = ${answered}, buyer_id = ${answered === null ? 'null' : "'A'"}, state = '${pick(['pending', 'converted', 'not_converted'])}'`,
        );
        if (random() < 0.6) change("state = 'converted'");
        if (random() < 0.5)
          change(`revenue_micros = ${Math.floor(random() * 1e8)}, payout_micros = 7, ledger_seq = ledger_seq + 1`);
        if (random() < 0.5) change('revenue_micros = revenue_micros, window_ends_at = null');
      }
    }
    const kept = memory.database.prepare(KEPT).all();
    expect(kept.length).toBeGreaterThan(10);
    expect(kept).toEqual(memory.database.prepare(FROM_CALLS).all());
    expectCoarserToo(memory);
  });

  it('of calls from before there were any are filled in', async () => {
    const memory = memoryDatabase();
    const older = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '0005'));
    const migrator = new Migrator({ db: memory.db, provider: { getMigrations: async () => older } });
    expect((await migrator.migrateToLatest()).error).toBeUndefined();
    for (let n = 0; n < 20; n += 1) {
      const state = n % 3 === 0 ? open : ({ state: 'converted', revenue_micros: 1_000_000 * n } as const);
      insertCall(memory, aCallRow({ uuid: `old-${n}`, started_at: NOON + n * 100_000, ...state }));
    }
    await migrate(memory.db);
    expect(memory.database.prepare(KEPT).all()).toEqual(memory.database.prepare(FROM_CALLS).all());
    expect(memory.database.prepare('select sum(calls) as calls from call_totals').get()).toEqual({ calls: 13 });
    expectCoarserToo(memory);
  });
});
