import { beginAttemptRow } from '../store/attempt-rows.ts';
import { changeCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

/** Whom the call is about to be offered to. */
export interface BeginAttemptInput {
  readonly callUuid: string;
  /** 1-based, in the order dialled. */
  readonly seq: number;
  readonly buyerId: string;
  readonly destination: string;
  readonly now: number;
}

/** A destination is about to be dialled: attempt row and event `selected` (semantics §1.2). */
export async function beginAttempt(context: OperationContext, input: BeginAttemptInput): Promise<{ enqueued: number }> {
  const { callUuid, seq, buyerId, destination, now } = input;
  let call = await requireCall(context, callUuid);
  const attempt = { call_uuid: callUuid, seq, buyer_id: buyerId, destination, invited_at: now };
  if (call.ended_at !== null || !(await beginAttemptRow(context, attempt))) return { enqueued: 0 };
  if (call.first_invited_at === null) {
    call = (await changeCall(context, call, { first_invited_at: now })) ?? call;
  }
  const data = { seq, buyer_id: buyerId, destination };
  return { enqueued: await recordAndFire(context, call, 'selected', { now, data, buyerId }) };
}
