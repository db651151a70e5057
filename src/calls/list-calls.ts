import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';

export interface ListCallsInput {
  readonly limit: number;
  /** uuid of the last call of the page before. */
  readonly before?: string | undefined;
}

/** Calls, newest first. */
export async function listCalls(_: OperationContext, _input: ListCallsInput): Promise<CallRow[]> {
  throw new Error('not built yet');
}
