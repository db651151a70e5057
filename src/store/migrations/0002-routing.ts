import { type Kysely, sql } from 'kysely';
import { historyTable, table } from './define-table.ts';

/** Why a call went where it went, which lines of buyers are in use, and what counts towards their caps. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await historyTable(
    db,
    'routings',
    { call_uuid: 'required text', at: 'required bigint', trace_json: 'required text' },
    ['call_uuid'],
  ).execute();
  await historyTable(
    db,
    'holds',
    {
      buyer_id: 'required text',
      call_uuid: 'required text',
      node_id: 'required text',
      held_at: 'required bigint',
      connected: 'required bigint',
    },
    ['buyer_id', 'call_uuid'],
  ).execute();
  await table(
    db,
    'buyer_counts',
    {
      buyer_id: 'required text',
      counts: 'required text',
      starts_at: 'required bigint',
      ends_at: 'required bigint',
      count: 'required bigint',
    },
    ['buyer_id', 'counts', 'starts_at', 'ends_at'],
  ).execute();
  await createIndexes(db);
}

async function createIndexes({ schema }: Kysely<unknown>): Promise<void> {
  await schema.createIndex('holds_by_call').on('holds').column('call_uuid').execute();
  await schema
    .createIndex('calls_answered_by_caller')
    .on('calls')
    .columns(['caller_number', 'answered_at'])
    .where(sql<boolean>`answered_at is not null`)
    .execute();
  await schema
    .createIndex('calls_answered_by_buyer')
    .on('calls')
    .columns(['buyer_id', 'answered_at'])
    .where(sql<boolean>`answered_at is not null`)
    .execute();
  await schema
    .createIndex('calls_converted_by_buyer')
    .on('calls')
    .columns(['buyer_id', 'decided_at'])
    .where(sql<boolean>`state = 'converted'`)
    .execute();
}
