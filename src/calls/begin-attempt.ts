import { beginAttemptRow } from '../store/attempt-rows.ts';
import { changeCall } from '../store/call-rows.ts';
import { takeLine } from '../store/hold-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

/** Whom the call is about to be offered to. */
export interface BeginAttemptInput {
  readonly callUuid: string;
  /** 1-based, in the order dialled. */
  readonly seq: number;
  /** Undefined: the campaign's last resort, whoever that is. */
  readonly buyerId: string | undefined;
  readonly destination: string;
  readonly now: number;
}

/** `buyer_id` of an attempt to reach the campaign's last resort. */
export const LAST_RESORT = '';

/** A destination is about to be dialled: attempt row, a line of its buyer and event `selected` (semantics §1.2). */
export async function beginAttempt(context: OperationContext, input: BeginAttemptInput): Promise<{ enqueued: number }> {
  const { callUuid, seq, buyerId, destination, now } = input;
  let call = await requireCall(context, callUuid);
  const attempt = { call_uuid: callUuid, seq, buyer_id: buyerId ?? LAST_RESORT, destination, invited_at: now };
  if (call.ended_at !== null || !(await beginAttemptRow(context, attempt))) return { enqueued: 0 };
  if (call.first_invited_at === null) {
    call = (await changeCall(context, call, { first_invited_at: now })) ?? call;
  }
  const data = { seq, buyer_id: buyerId ?? null, destination };
  if (buyerId === undefined) return { enqueued: await recordAndFire(context, call, 'selected', { now, data }) };
  await takeLine(context, { buyer_id: buyerId, call_uuid: callUuid, node_id: call.node_id, held_at: now });
  return { enqueued: await recordAndFire(context, call, 'selected', { now, data, buyerId }) };
}
