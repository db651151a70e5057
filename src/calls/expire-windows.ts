import { findCallsWithWindowOver } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { declineCall } from './decline-call.ts';

export interface ExpireWindowsInput {
  readonly now: number;
  /** At most so many calls in this transaction. */
  readonly limit: number;
}

export interface ExpireWindowsOutput {
  readonly expired: number;
  readonly enqueued: number;
}

/** Windows that are over: `not_converted` and the held webhooks, oldest first. Another sweeper does no harm (semantics §5). */
export async function expireWindows(
  context: OperationContext,
  { now, limit }: ExpireWindowsInput,
): Promise<ExpireWindowsOutput> {
  let expired = 0;
  let enqueued = 0;
  for (const call of await findCallsWithWindowOver(context, { now, limit })) {
    const declined = await declineCall(context, call, now);
    if (declined === undefined) continue;
    expired += 1;
    enqueued += declined.enqueued;
  }
  return { expired, enqueued };
}
