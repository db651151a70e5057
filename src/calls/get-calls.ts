import { listStatement } from '../store/list-statement.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';

const among = listStatement<object>()((db, uuids) => db.selectFrom('calls').selectAll().where('uuid', 'in', uuids));

/** The rows of these calls, newest first; one that is not there is left out. */
export async function getCalls(
  context: OperationContext,
  { uuids }: { readonly uuids: readonly string[] },
): Promise<CallRow[]> {
  const calls = await among.all(context, uuids, {});
  return calls.sort((one, other) => (one.uuid < other.uuid ? 1 : -1));
}
