import { answerAttempt } from '../store/attempt-rows.ts';
import { addToCounts } from '../store/buyer-count-rows.ts';
import { changeCall } from '../store/call-rows.ts';
import { connectLine } from '../store/hold-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { addTag } from '../store/tag-rows.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

/** Who answered, and where. */
export interface RecordAnswerInput {
  readonly callUuid: string;
  readonly seq: number;
  /** Undefined: the campaign's last resort, which pays nothing. */
  readonly buyerId: string | undefined;
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
  const call = await changeCall(context, before, { answered_at: now, buyer_id: buyerId ?? null, destination });
  if (call === undefined) return { enqueued: 0 };
  await answerAttempt(context, { callUuid, seq, ringingAt: input.ringingAt ?? null, answeredAt: now });
  await addTag(context, { call_uuid: callUuid, name: 'endpoint', value: destination, source: 'system', added_at: now });
  if (buyerId !== undefined) await recordConnection(context, { callUuid, buyerId, now });
  const data = { seq, buyer_id: buyerId ?? null, destination };
  return { enqueued: await recordAndFire(context, call, 'answered', { now, data }) };
}

/** The call is the buyer's: the tag that says so, its line, and one more connection towards its caps. */
async function recordConnection(
  context: OperationContext,
  { callUuid, buyerId, now }: { readonly callUuid: string; readonly buyerId: string; readonly now: number },
): Promise<void> {
  const tag = {
    call_uuid: callUuid,
    name: 'system_buyer_id',
    value: buyerId,
    source: 'system',
    added_at: now,
  } as const;
  await addTag(context, tag);
  await connectLine(context, { buyer_id: buyerId, call_uuid: callUuid });
  await addToCounts(context, { buyerId, counts: 'connections', at: now });
}
