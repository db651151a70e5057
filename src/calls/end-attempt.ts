import { endAttemptRow } from '../store/attempt-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

/** How an attempt failed. */
export interface EndAttemptInput {
  readonly callUuid: string;
  readonly seq: number;
  /** Final status; undefined when there was none (transport failure, our own timer). */
  readonly sipStatus?: number | undefined;
  readonly reason: string;
  /** First 180 or 183. */
  readonly ringingAt?: number | undefined;
  readonly now: number;
}

/** An attempt ended without 2xx: event `attempt_failed` (semantics §8). Asked again, it changes nothing. */
export async function endAttempt(context: OperationContext, input: EndAttemptInput): Promise<{ enqueued: number }> {
  const { callUuid, seq, reason, now } = input;
  const call = await requireCall(context, callUuid);
  const sipStatus = input.sipStatus ?? null;
  const end = { callUuid, seq, ringingAt: input.ringingAt ?? null, endedAt: now, sipStatus, reason };
  const attempt = await endAttemptRow(context, end);
  if (attempt === undefined) return { enqueued: 0 };
  const { buyer_id: buyerId, destination } = attempt;
  const data = { seq, buyer_id: buyerId, destination, sip_status: sipStatus, reason };
  return { enqueued: await recordAndFire(context, call, 'attempt_failed', { now, data, buyerId }) };
}
