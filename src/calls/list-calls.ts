import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';

/** A page of the list. */
export interface ListCallsInput {
  readonly limit: number;
  /** uuid of the last call of the page before. */
  readonly before?: string | undefined;
}

/** Calls, newest first: their uuids sort by time. */
export async function listCalls({ db }: OperationContext, { limit, before }: ListCallsInput): Promise<CallRow[]> {
  const newest = db.selectFrom('calls').selectAll().orderBy('uuid', 'desc').limit(limit);
  return (before === undefined ? newest : newest.where('uuid', '<', before)).execute();
}
