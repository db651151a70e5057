import type { Kysely } from 'kysely';
import { historyTable } from './define-table.ts';

/** SIP messages of calls, where they are kept: read by call, removed by age. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const messages = {
    call_uuid: 'required text',
    at: 'required bigint',
    n: 'required bigint',
    direction: 'required text',
    peer: 'required text',
    sip_call_id: 'required text',
    text: 'required text',
  } as const;
  await historyTable(db, 'sip_messages', messages, ['call_uuid', 'at', 'n']).execute();
  await db.schema.createIndex('sip_messages_by_time').on('sip_messages').column('at').execute();
}
