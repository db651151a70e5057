import type { OperationContext } from '../store/store.ts';

export interface CloseAbandonedCallsInput {
  readonly nodeId: string;
  readonly now: number;
}

export interface CloseAbandonedCallsOutput {
  readonly closed: number;
  readonly enqueued: number;
}

/** Calls this node left open when it died: closed with an estimated end (semantics §7). */
export async function closeAbandonedCalls(
  _: OperationContext,
  _input: CloseAbandonedCallsInput,
): Promise<CloseAbandonedCallsOutput> {
  throw new Error('not built yet');
}
