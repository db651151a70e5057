import { callOutcome } from '../domain/call-outcome.ts';
import { findRunningCalls } from '../store/call-rows.ts';
import { releaseLinesOfNode } from '../store/hold-rows.ts';
import { lastSignOfLife } from '../store/node-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { endCall } from './end-call.ts';

/** The node that has just started again. */
export interface CloseAbandonedCallsInput {
  readonly nodeId: string;
  /** Nobody else uses this database: what a node of another name left behind was this one before it was renamed. */
  readonly isAlone?: boolean | undefined;
  readonly now: number;
}

export interface CloseAbandonedCallsOutput {
  readonly closed: number;
  readonly enqueued: number;
}

/**
 * Calls this node left open when it died. Their end is estimated: the node's last sign of life where there is one, so that
 * a long outage is not paid as conversation; their windows run from now (semantics §5, §7). Lines of buyers it held are
 * free again, also those whose calls had ended before.
 */
export async function closeAbandonedCalls(
  context: OperationContext,
  { nodeId, isAlone = false, now }: CloseAbandonedCallsInput,
): Promise<CloseAbandonedCallsOutput> {
  const nodes = isAlone ? undefined : nodeId;
  const calls = await findRunningCalls(context, nodes);
  const signs = new Map<string, number | undefined>();
  let enqueued = 0;
  for (const { uuid: callUuid, node_id: node, answered_at } of calls) {
    if (!signs.has(node)) signs.set(node, await lastSignOfLife(context, node));
    const endedAt = Math.min(now, signs.get(node) ?? now);
    const hungUpBy = 'system';
    const outcome = callOutcome({ answered: answered_at !== null, ending: 'node_restarted', hungUpBy });
    enqueued += (await endCall(context, { callUuid, now, hungUpBy, outcome, endEstimated: true, endedAt })).enqueued;
  }
  await releaseLinesOfNode(context, nodes);
  return { closed: calls.length, enqueued };
}
