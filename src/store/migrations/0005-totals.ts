import { type Kysely, SqliteAdapter, sql } from 'kysely';
import { table } from './define-table.ts';

/**
 * What calls came to, by quarter of an hour (the finest step between time zones), campaign, publisher, buyer and number: for
 * reports that must not read calls one by one. Kept by the database itself, in the transaction that changes a call; what
 * retention removes stays counted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const totals = {
    quarter: 'required bigint',
    campaign_id: 'required text',
    publisher_id: 'required text',
    buyer_id: 'required text',
    dialed_number: 'required text',
    calls: 'required bigint',
    connected: 'required bigint',
    connected_ms: 'required bigint',
    converted: 'required bigint',
    revenue_micros: 'required bigint',
    payout_micros: 'required bigint',
  } as const;
  const key = ['quarter', 'campaign_id', 'publisher_id', 'buyer_id', 'dialed_number'];
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  const builder = table(db, 'call_totals', totals, key);
  await (isSqlite ? builder.modifyEnd(sql`without rowid`) : builder).execute();
  if (!isSqlite) return;
  await FILL_IN.execute(db);
  await TRIGGER.execute(db);
}

const FILL_IN = sql`insert into call_totals
  select started_at / 900000, campaign_id, coalesce(publisher_id, ''), coalesce(buyer_id, ''), dialed_number, count(*),
    count(answered_at), coalesce(sum(ended_at - answered_at), 0), sum(state = 'converted'), sum(revenue_micros),
    sum(payout_micros)
  from calls where ended_at is not null group by 1, 2, 3, 4, 5`;

/** A call counts from its end on; later only what changed is added: a decision, a correction. */
const TRIGGER = sql`create trigger calls_add_up after update of ended_at, state, revenue_micros, payout_micros on calls
  when new.ended_at is not null and (old.ended_at is null or new.state <> old.state
    or new.revenue_micros <> old.revenue_micros or new.payout_micros <> old.payout_micros)
  begin
    insert into call_totals values (
      new.started_at / 900000, new.campaign_id, coalesce(new.publisher_id, ''), coalesce(new.buyer_id, ''),
      new.dialed_number,
      old.ended_at is null,
      old.ended_at is null and new.answered_at is not null,
      case when old.ended_at is null and new.answered_at is not null then new.ended_at - new.answered_at else 0 end,
      (new.state = 'converted') - (old.ended_at is not null and old.state = 'converted'),
      new.revenue_micros - case when old.ended_at is null then 0 else old.revenue_micros end,
      new.payout_micros - case when old.ended_at is null then 0 else old.payout_micros end
    ) on conflict (quarter, campaign_id, publisher_id, buyer_id, dialed_number) do update set
      calls = calls + excluded.calls,
      connected = connected + excluded.connected,
      connected_ms = connected_ms + excluded.connected_ms,
      converted = converted + excluded.converted,
      revenue_micros = revenue_micros + excluded.revenue_micros,
      payout_micros = payout_micros + excluded.payout_micros;
  end`;
