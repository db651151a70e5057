import { type Kysely, SqliteAdapter, sql } from 'kysely';
import { table } from './define-table.ts';

/** Who changed money and why, what became of each postback, the postback URLs of partners; and a ledger nobody can rewrite. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await extendLedger(db);
  await extendPostbacks(db);
  await createTokens(db);
  if (db.getExecutor().adapter instanceof SqliteAdapter) for (const trigger of GUARDS) await trigger.execute(db);
}

async function extendLedger({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('ledger')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('conversion'))
    .execute();
  for (const column of ['person', 'note']) await schema.alterTable('ledger').addColumn(column, 'text').execute();
}

async function extendPostbacks(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const text = { campaign_id: '', effect: 'none' };
  for (const [name, value] of Object.entries(text)) {
    await schema
      .alterTable('postbacks')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(value))
      .execute();
  }
  await schema
    .alterTable('postbacks')
    .addColumn('http_status', 'bigint', (column) => column.notNull().defaultTo(200))
    .execute();
  for (const name of ['revenue_micros', 'payout_micros']) {
    await schema.alterTable('postbacks').addColumn(name, 'bigint').execute();
  }
  await schema.alterTable('postbacks').addColumn('token_id', 'text').execute();
  await fillIn(db);
  await schema.createIndex('postbacks_by_campaign').on('postbacks').columns(['campaign_id', 'effect', 'id']).execute();
}

/** Rows from before this migration. */
async function fillIn(db: Kysely<unknown>): Promise<void> {
  await sql`update ledger set kind = 'correction' where corrects_seq is not null`.execute(db);
  await sql`update postbacks set
    campaign_id = (select campaign_id from calls where uuid = postbacks.call_uuid),
    http_status = case when status = 'refused' then 422 else 200 end,
    effect = case
      when kind = 'add_tags' then 'tags'
      when waits_for_end = 1 then 'waiting'
      when status in ('converted', 'corrected') then 'money'
      when status = 'unchanged' then 'same'
      else 'none' end`.execute(db);
}

async function createTokens(db: Kysely<unknown>): Promise<void> {
  const tokens = {
    id: 'required text',
    campaign_id: 'required text',
    group_id: 'required text',
    buyer_id: 'required text',
    name: 'required text',
    caller_within_days: 'required bigint',
    generation: 'required bigint',
    previous_until: 'required bigint',
    paused_at: 'optional bigint',
    created_at: 'required bigint',
    changed_at: 'required bigint',
  } as const;
  await table(db, 'postback_tokens', tokens, ['id']).execute();
  const strays = {
    id: 'required text',
    campaign_id: 'required text',
    token_id: 'required text',
    at: 'required bigint',
    method: 'required text',
    source_address: 'required text',
    parameters_json: 'required text',
    http_status: 'required bigint',
    reason: 'required text',
  } as const;
  await table(db, 'stray_postbacks', strays, ['campaign_id', 'id']).execute();
}

/**
 * The database itself refuses what no code may do: change or drop a ledger row, leave a hole in a ledger, move money without
 * a row, take a decision back. Retention removes a call with its ledger, after it has noted the call as purged.
 */
const GUARDS = [
  sql`create trigger ledger_never_changes before update on ledger
    begin select raise(abort, 'a ledger row is never changed: add a correction'); end`,
  sql`create trigger ledger_never_shrinks before delete on ledger
    when exists (select 1 from calls where uuid = old.call_uuid)
    begin select raise(abort, 'a ledger row is never removed without its call'); end`,
  sql`create trigger ledger_without_holes before insert on ledger
    when new.seq <> 1 + (select coalesce(max(seq), 0) from ledger where call_uuid = new.call_uuid)
    begin select raise(abort, 'a ledger row has the number after the last'); end`,
  sql`create trigger calls_leave_by_retention before delete on calls
    when old.ledger_seq > 0 and not exists (select 1 from purged_calls where uuid = old.uuid)
    begin select raise(abort, 'a call with money is only removed by retention'); end`,
  sql`create trigger calls_money_by_ledger before update of revenue_micros, payout_micros on calls
    when (new.revenue_micros <> old.revenue_micros or new.payout_micros <> old.payout_micros)
      and new.ledger_seq <> old.ledger_seq + 1
    begin select raise(abort, 'money moves only with a ledger row'); end`,
  sql`create trigger calls_decided_for_good before update of state on calls
    when (old.state = 'converted' and new.state <> 'converted')
      or (old.state = 'not_converted' and new.state not in ('not_converted', 'converted'))
      or (old.state = 'pending' and new.state = 'open')
    begin select raise(abort, 'a decision is never taken back: correct the money'); end`,
];
