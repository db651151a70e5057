import type { OperationContext } from '../store/store.ts';

export interface ExpireWindowsInput {
  readonly now: number;
  /** At most so many calls in this transaction. */
  readonly limit: number;
}

export interface ExpireWindowsOutput {
  readonly expired: number;
  readonly enqueued: number;
}

/** Windows that are over: `not_converted` and the held webhooks, oldest first (semantics §5). */
export async function expireWindows(_: OperationContext, _input: ExpireWindowsInput): Promise<ExpireWindowsOutput> {
  throw new Error('not built yet');
}
