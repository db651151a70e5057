import type { Kysely } from 'kysely';
import { table } from './define-table.ts';

/** How each webhook's endpoint has been doing, whether it is switched off, and which secret it signs with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const states = {
    webhook_id: 'required text',
    failing_since: 'optional bigint',
    off_at: 'optional bigint',
    off_reason: 'optional text',
    secret_generation: 'required bigint',
    previous_secret_until: 'required bigint',
  } as const;
  await table(db, 'webhook_states', states, ['webhook_id']).execute();
}
