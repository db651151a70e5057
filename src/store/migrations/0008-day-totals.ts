import { type Kysely, SqliteAdapter, sql } from 'kysely';
import { table } from './define-table.ts';

const SUMS = ['calls', 'connected', 'connected_ms', 'converted', 'revenue_micros', 'payout_micros'] as const;
const PARTIES = ['campaign_id', 'publisher_id', 'buyer_id', 'dialed_number'] as const;
const columns = Object.fromEntries(SUMS.map((name) => [name, 'required bigint'] as const));

/**
 * The totals of calls once more, added up by UTC day for reports over many days, and by quarter of an hour alone for days and
 * hours of a zone. Kept by the database from `call_totals`, in the same transaction.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const parties = Object.fromEntries(PARTIES.map((name) => [name, 'required text'] as const));
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  const days = table(db, 'call_day_totals', { day: 'required bigint', ...parties, ...columns }, ['day', ...PARTIES]);
  const quarters = table(db, 'call_quarter_totals', { quarter: 'required bigint', ...columns }, ['quarter']);
  for (const builder of [days, quarters]) await (isSqlite ? builder.modifyEnd(sql`without rowid`) : builder).execute();
  if (!isSqlite) return;
  const sums = SUMS.map((name) => `sum(${name})`).join(', ');
  await run(
    db,
    `insert into call_day_totals select quarter / 96, ${PARTIES.join(', ')}, ${sums} from call_totals group by 1, 2, 3, 4, 5`,
  );
  await run(db, `insert into call_quarter_totals select quarter, ${sums} from call_totals group by 1`);
  await run(
    db,
    `create trigger call_totals_added after insert on call_totals begin ${addUp((name) => `new.${name}`)} end`,
  );
  const change = (name: string) => `new.${name} - old.${name}`;
  await run(db, `create trigger call_totals_changed after update on call_totals begin ${addUp(change)} end`);
}

function run(db: Kysely<unknown>, text: string) {
  return sql.raw(text).execute(db);
}

/** The statements that carry a change of a row of `call_totals` into both tables. */
function addUp(value: (column: string) => string): string {
  const values = SUMS.map(value).join(', ');
  const added = SUMS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ');
  const parties = PARTIES.map((name) => `new.${name}`).join(', ');
  return `insert into call_day_totals values (new.quarter / 96, ${parties}, ${values})
      on conflict (day, ${PARTIES.join(', ')}) do update set ${added};
    insert into call_quarter_totals values (new.quarter, ${values}) on conflict (quarter) do update set ${added};`;
}
