import type { OperationContext } from '../store/store.ts';

export interface BeginAttemptInput {
  readonly callUuid: string;
  /** 1-based, in the order dialled. */
  readonly seq: number;
  readonly buyerId: string;
  readonly destination: string;
  readonly now: number;
}

/** A destination is about to be dialled: attempt row and event `selected` (semantics §1.2). */
export async function beginAttempt(_: OperationContext, _input: BeginAttemptInput): Promise<{ enqueued: number }> {
  throw new Error('not built yet');
}
