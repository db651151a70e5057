import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';

const byUuid = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('purged_calls').select('uuid').where('uuid', '=', value.uuid),
);

/** True for a call that existed and was removed by retention. */
export async function isPurged(context: OperationContext, uuid: string): Promise<boolean> {
  return (await byUuid.first(context, { uuid })) !== undefined;
}
