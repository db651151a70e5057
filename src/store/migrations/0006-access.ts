import type { Kysely } from 'kysely';
import { table } from './define-table.ts';

/** Who may use the API, what was changed by whom, answers kept for requests that come twice, and the account as it was written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const tokens = {
    id: 'required text',
    name: 'required text',
    role: 'required text',
    scopes_json: 'required text',
    publisher_id: 'optional text',
    grants_json: 'required text',
    token_hash: 'required text',
    created_at: 'required bigint',
    created_by: 'required text',
    expires_at: 'optional bigint',
    revoked_at: 'optional bigint',
    last_used_at: 'optional bigint',
  } as const;
  await table(db, 'api_tokens', tokens, ['id']).execute();
  await db.schema.createIndex('api_tokens_by_hash').unique().on('api_tokens').column('token_hash').execute();

  const changes = {
    id: 'required text',
    at: 'required bigint',
    actor: 'required text',
    source_address: 'optional text',
    action: 'required text',
    detail_json: 'required text',
    http_status: 'optional bigint',
  } as const;
  await table(db, 'changes', changes, ['id']).execute();

  const answers = {
    actor: 'required text',
    idempotency_key: 'required text',
    request_hash: 'required text',
    at: 'required bigint',
    http_status: 'optional bigint',
    body_json: 'optional text',
  } as const;
  await table(db, 'kept_answers', answers, ['actor', 'idempotency_key']).execute();
  await db.schema.createIndex('kept_answers_by_time').on('kept_answers').column('at').execute();

  await db.schema.alterTable('entities').addColumn('source_json', 'text').execute();
}
