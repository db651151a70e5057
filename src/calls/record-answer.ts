import { answerAttempt } from '../store/attempt-rows.ts';
import { changeCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { addTag } from '../store/tag-rows.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

/** Who answered, and where. */
export interface RecordAnswerInput {
  readonly callUuid: string;
  readonly seq: number;
  readonly buyerId: string;
  readonly destination: string;
  /** First 180 or 183. */
  readonly ringingAt?: number | undefined;
  readonly now: number;
}

/** The buyer's 2xx: answer time, buyer, event and webhooks `answered`, at once (semantics §1.3). Only the first one counts. */
export async function recordAnswer(context: OperationContext, input: RecordAnswerInput): Promise<{ enqueued: number }> {
  const { callUuid, seq, buyerId, destination, now } = input;
  const before = await requireCall(context, callUuid);
  if (before.answered_at !== null || before.ended_at !== null) return { enqueued: 0 };
  const call = await changeCall(context, before, { answered_at: now, buyer_id: buyerId, destination });
  if (call === undefined) return { enqueued: 0 };
  await answerAttempt(context, { callUuid, seq, ringingAt: input.ringingAt ?? null, answeredAt: now });
  for (const [name, value] of Object.entries({ system_buyer_id: buyerId, endpoint: destination })) {
    await addTag(context, { call_uuid: callUuid, name, value, source: 'system', added_at: now });
  }
  const data = { seq, buyer_id: buyerId, destination };
  return { enqueued: await recordAndFire(context, call, 'answered', { now, data }) };
}
