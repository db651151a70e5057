import { addChange, type NewChange } from '../store/change-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { ChangeRow } from '../store/tables.ts';

/** Written down before it is done, so that nothing is changed without a trace; answers the row's id. */
export async function noteChange(context: OperationContext, change: NewChange): Promise<{ id: string }> {
  return { id: await addChange(context, change) };
}

/** How a change that was written down was answered. */
export async function noteOutcome(
  { db }: OperationContext,
  { id, httpStatus }: { readonly id: string; readonly httpStatus: number },
): Promise<void> {
  await db.updateTable('changes').set({ http_status: httpStatus }).where('id', '=', id).execute();
}

export interface ListChangesInput {
  readonly limit: number;
  /** Id of the last one of the page before. */
  readonly before?: string | undefined;
}

/** Newest first. */
export async function listChanges(
  { db }: OperationContext,
  { limit, before }: ListChangesInput,
): Promise<{ changes: ChangeRow[]; next: string | undefined }> {
  const all = db.selectFrom('changes').selectAll().orderBy('id', 'desc').limit(limit);
  const changes = await (before === undefined ? all : all.where('id', '<', before)).execute();
  return { changes, next: changes.length === limit ? changes.at(-1)?.id : undefined };
}
