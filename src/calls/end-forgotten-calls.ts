import { callOutcome } from '../domain/call-outcome.ts';
import { findRunningCalls } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { endCall } from './end-call.ts';

export interface EndForgottenCallsInput {
  readonly nodeId: string;
  /** The calls this node holds at the moment. */
  readonly liveUuids: readonly string[];
  /** Younger ones may have begun after `liveUuids` was listed. */
  readonly startedBefore: number;
  readonly now: number;
}

/** Calls whose rows say that they run though the node holds them no longer: ended, so that none is open for ever. */
export async function endForgottenCalls(
  context: OperationContext,
  { nodeId, liveUuids, startedBefore, now }: EndForgottenCallsInput,
): Promise<{ ended: number; enqueued: number }> {
  const live = new Set(liveUuids);
  const rows = await findRunningCalls(context, nodeId);
  const forgotten = rows.filter(({ uuid, started_at }) => started_at < startedBefore && !live.has(uuid));
  let enqueued = 0;
  for (const { uuid: callUuid, answered_at } of forgotten) {
    const hungUpBy = 'system';
    const outcome = callOutcome({ answered: answered_at !== null, ending: 'error', hungUpBy });
    enqueued += (await endCall(context, { callUuid, now, hungUpBy, outcome, endEstimated: true })).enqueued;
  }
  return { ended: forgotten.length, enqueued };
}
