import { type Kysely, sql } from 'kysely';
import { historyTable, table } from './define-table.ts';

/** Everything a call leaves behind, and the configuration it ran under. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createConfiguration(db);
  await createCalls(db);
  await createHistory(db);
  await createMoney(db);
  await createOutbox(db);
  await createIndexes(db);
}

async function createConfiguration(db: Kysely<unknown>): Promise<void> {
  await table(
    db,
    'entities',
    {
      kind: 'required text',
      id: 'required text',
      body_json: 'required text',
      updated_at: 'required bigint',
      removed_at: 'optional bigint',
    },
    ['kind', 'id'],
  ).execute();
  await table(db, 'nodes', { id: 'required text', alive_at: 'required bigint' }, ['id']).execute();
}

async function createCalls(db: Kysely<unknown>): Promise<void> {
  await table(
    db,
    'calls',
    {
      uuid: 'required text',
      key_version: 'required bigint',
      node_id: 'required text',
      carrier_id: 'required text',
      campaign_id: 'required text',
      publisher_id: 'optional text',
      dialed_number: 'required text',
      caller_number: 'optional text',
      sip_call_id: 'required text',
      started_at: 'required bigint',
      first_invited_at: 'optional bigint',
      answered_at: 'optional bigint',
      ended_at: 'optional bigint',
      end_estimated: 'required bigint',
      buyer_id: 'optional text',
      destination: 'optional text',
      hung_up_by: 'optional text',
      sip_status: 'optional bigint',
      q850_cause: 'optional bigint',
      outcome: 'optional text',
      outcome_reason: 'optional text',
      state: 'required text',
      window_ends_at: 'optional bigint',
      group_id: 'optional text',
      group_json: 'optional text',
      decided_at: 'optional bigint',
      revenue_micros: 'required bigint',
      payout_micros: 'required bigint',
      postback_value: 'optional text',
      late: 'required bigint',
      duplicate: 'required bigint',
      ledger_seq: 'required bigint',
    },
    ['uuid'],
  ).execute();
  await table(db, 'purged_calls', { uuid: 'required text', purged_at: 'required bigint' }, ['uuid']).execute();
}

async function createHistory(db: Kysely<unknown>): Promise<void> {
  const attempts = {
    call_uuid: 'required text',
    seq: 'required bigint',
    buyer_id: 'required text',
    destination: 'required text',
    invited_at: 'required bigint',
    ringing_at: 'optional bigint',
    answered_at: 'optional bigint',
    ended_at: 'optional bigint',
    sip_status: 'optional bigint',
    reason: 'optional text',
  } as const;
  await historyTable(db, 'attempts', attempts, ['call_uuid', 'seq']).execute();

  const tags = {
    call_uuid: 'required text',
    name: 'required text',
    value: 'required text',
    source: 'required text',
    added_at: 'required bigint',
  } as const;
  await historyTable(db, 'tags', tags, ['call_uuid', 'name', 'value']).execute();

  const events = {
    id: 'required text',
    call_uuid: 'required text',
    type: 'required text',
    at: 'required bigint',
    data_json: 'required text',
  } as const;
  await historyTable(db, 'events', events, ['call_uuid', 'id']).execute();
}

async function createMoney(db: Kysely<unknown>): Promise<void> {
  const ledger = {
    id: 'required text',
    call_uuid: 'required text',
    seq: 'required bigint',
    at: 'required bigint',
    actor: 'required text',
    group_id: 'optional text',
    posted_value: 'optional text',
    rule_index: 'optional bigint',
    explanation: 'required text',
    revenue_micros: 'required bigint',
    payout_micros: 'required bigint',
    currency: 'required text',
    corrects_seq: 'optional bigint',
  } as const;
  await historyTable(db, 'ledger', ledger, ['call_uuid', 'seq']).execute();

  const postbacks = {
    id: 'required text',
    call_uuid: 'required text',
    at: 'required bigint',
    kind: 'required text',
    method: 'required text',
    source_address: 'required text',
    parameters_json: 'required text',
    raw_text: 'required text',
    status: 'required text',
    reason: 'optional text',
    waits_for_end: 'required bigint',
  } as const;
  await historyTable(db, 'postbacks', postbacks, ['call_uuid', 'id']).execute();
}

/** Deliveries may outlive or lack their call (a webhook tried out with sample tokens), so they do not refer to it. */
async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await table(
    db,
    'deliveries',
    {
      id: 'required text',
      event_id: 'required text',
      call_uuid: 'required text',
      campaign_id: 'required text',
      webhook_id: 'required text',
      trigger: 'required text',
      webhook_json: 'required text',
      tokens_json: 'required text',
      key_version: 'required bigint',
      state: 'required text',
      tries: 'required bigint',
      created_at: 'required bigint',
      due_at: 'required bigint',
      lease_owner: 'optional text',
      finished_at: 'optional bigint',
    },
    ['id'],
  ).execute();
  const tries = {
    delivery_id: 'required text',
    try_number: 'required bigint',
    at: 'required bigint',
    elapsed_ms: 'required bigint',
    http_status: 'optional bigint',
    error: 'optional text',
    answer: 'optional text',
  } as const;
  await table(db, 'delivery_tries', tries, ['delivery_id', 'try_number'])
    .addForeignKeyConstraint('delivery_tries_delivery', ['delivery_id'], 'deliveries', ['id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute();
}

/** A call happens once, answers once, ends once, is decided once each way: the database itself refuses a second row. */
const ONCE_PER_CALL = ['start', 'answered', 'ended', 'converted', 'not_converted'];

async function createIndexes(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const isOnce = ONCE_PER_CALL.map((type) => sql`type = ${sql.lit(type)}`);
  await schema
    .createIndex('calls_by_window')
    .on('calls')
    .column('window_ends_at')
    .where(sql<boolean>`window_ends_at is not null`)
    .execute();
  await schema
    .createIndex('calls_running')
    .on('calls')
    .column('node_id')
    .where(sql<boolean>`ended_at is null`)
    .execute();
  await schema
    .createIndex('calls_converted_by_caller')
    .on('calls')
    .columns(['campaign_id', 'group_id', 'caller_number', 'decided_at'])
    .where(sql<boolean>`ledger_seq > 0`)
    .execute();
  await schema
    .createIndex('events_once_per_call')
    .unique()
    .on('events')
    .columns(['call_uuid', 'type'])
    .where(sql<boolean>`${sql.join(isOnce, sql` or `)}`)
    .execute();
  await schema.createIndex('deliveries_by_call').on('deliveries').column('call_uuid').execute();
  await schema
    .createIndex('deliveries_by_webhook')
    .on('deliveries')
    .columns(['state', 'webhook_id', 'due_at'])
    .execute();
  await schema.createIndex('deliveries_by_due_time').on('deliveries').columns(['state', 'due_at']).execute();
}
