import { sql } from 'kysely';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { PostbackEffect, PostbackRow } from './tables.ts';

const waiting = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('postbacks').selectAll().where('call_uuid', '=', value.uuid).where('waits_for_end', '=', 1),
);

/** Postbacks that came while the call ran, in their order. */
export async function postbacksWaitingForEnd(context: OperationContext, uuid: string): Promise<PostbackRow[]> {
  const rows = await waiting.all(context, { uuid });
  return rows.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

const closed = statement<{ uuid: string; reason: string; decidingId: string }>()((db, value) =>
  db
    .updateTable('postbacks')
    .set({
      waits_for_end: 0,
      effect: sql<PostbackEffect>`case when id = ${value.decidingId} then 'money' else 'none' end`,
      reason: value.reason,
    })
    .where('call_uuid', '=', value.uuid)
    .where('waits_for_end', '=', 1),
);

/** The call has ended: nothing waits any more, and the log says what they came to, above all the one that decided. */
export async function closeWaitingPostbacks(
  context: OperationContext,
  input: { readonly uuid: string; readonly reason: string; readonly decidingId: string },
): Promise<void> {
  await closed.run(context, input);
}
