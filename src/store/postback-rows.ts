import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { PostbackRow } from './tables.ts';

const waiting = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('postbacks').selectAll().where('call_uuid', '=', value.uuid).where('waits_for_end', '=', 1),
);

/** Postbacks that came while the call ran, in their order. */
export async function postbacksWaitingForEnd(context: OperationContext, uuid: string): Promise<PostbackRow[]> {
  const rows = await waiting.all(context, { uuid });
  return rows.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

const applied = statement<{ uuid: string; reason: string }>()((db, value) =>
  db
    .updateTable('postbacks')
    .set({ waits_for_end: 0, reason: value.reason })
    .where('call_uuid', '=', value.uuid)
    .where('waits_for_end', '=', 1),
);

/** The call has ended: nothing waits any more, and the log says what they came to. */
export async function closeWaitingPostbacks(
  context: OperationContext,
  input: { readonly uuid: string; readonly reason: string },
): Promise<void> {
  await applied.run(context, input);
}
