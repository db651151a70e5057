import { callOutcome } from '../domain/call-outcome.ts';
import { findAnsweredAttempt } from '../store/attempt-rows.ts';
import { findRunningCalls } from '../store/call-rows.ts';
import { releaseLinesOfNode } from '../store/hold-rows.ts';
import { lastSignOfLife } from '../store/node-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { LAST_RESORT } from './begin-attempt.ts';
import { endCall } from './end-call.ts';
import { recordAnswer } from './record-answer.ts';

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
  for (const call of calls) {
    const { uuid: callUuid, node_id: node } = call;
    if (!signs.has(node)) signs.set(node, await lastSignOfLife(context, node));
    const endedAt = Math.min(now, signs.get(node) ?? now);
    const hungUpBy = 'system';
    const answer = await answerOf(context, call);
    enqueued += answer.enqueued;
    const outcome = callOutcome({ answered: answer.answered, ending: 'node_restarted', hungUpBy });
    enqueued += (await endCall(context, { callUuid, now, hungUpBy, outcome, endEstimated: true, endedAt })).enqueued;
  }
  await releaseLinesOfNode(context, nodes);
  return { closed: calls.length, enqueued };
}

/** A 2xx that was noted before the caller was told counts: the two may have talked, and nobody can say that they did not. */
async function answerOf(
  context: OperationContext,
  { uuid: callUuid, answered_at }: CallRow,
): Promise<{ answered: boolean; enqueued: number }> {
  if (answered_at !== null) return { answered: true, enqueued: 0 };
  const attempt = await findAnsweredAttempt(context, callUuid);
  if (attempt?.answered_at == null) return { answered: false, enqueued: 0 };
  const { seq, buyer_id, destination, ringing_at, answered_at: now } = attempt;
  const buyerId = buyer_id === LAST_RESORT ? undefined : buyer_id;
  const { enqueued } = await recordAnswer(context, {
    ...{ callUuid, seq, buyerId, destination, now },
    ringingAt: ringing_at ?? undefined,
  });
  return { answered: true, enqueued };
}
