import { answerAttempt, beginAttemptRow, endAttemptRow } from '../store/attempt-rows.ts';
import { addEvent } from '../store/event-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { requireCall } from './require-call.ts';

/** The buyer sends its caller elsewhere (RFC 3515). */
export interface BeginTransferInput {
  readonly callUuid: string;
  /** Goes on from the call's attempts. */
  readonly seq: number;
  readonly buyerId: string;
  readonly destination: string;
  readonly kind: 'blind' | 'attended';
  readonly now: number;
}

/** A row like an attempt's, so that the call shows it; no `selected`: the buyer stays the same, and so does the money. */
export async function beginTransfer(context: OperationContext, input: BeginTransferInput): Promise<void> {
  const { callUuid, seq, buyerId, destination, kind, now } = input;
  const call = await requireCall(context, callUuid);
  const attempt = { call_uuid: callUuid, seq, buyer_id: buyerId, destination, invited_at: now };
  if (call.ended_at !== null || !(await beginAttemptRow(context, attempt))) return;
  const data = { seq, buyer_id: buyerId, destination, kind };
  await addEvent(context, { call_uuid: callUuid, type: 'transfer_began', at: now, data });
}

/** What became of a transfer. */
export interface EndTransferInput {
  readonly callUuid: string;
  readonly seq: number;
  /** 200: the caller talks to the target now. */
  readonly sipStatus: number;
  readonly reason: string;
  readonly now: number;
}

/** The target took the caller, or the old call goes on. Asked again, it changes nothing. */
export async function endTransfer(context: OperationContext, input: EndTransferInput): Promise<void> {
  const { callUuid, seq, sipStatus, reason, now } = input;
  const data = { seq, sip_status: sipStatus, reason };
  if (sipStatus === 200) {
    if (!(await answerAttempt(context, { callUuid, seq, ringingAt: null, answeredAt: now }))) return;
    await addEvent(context, { call_uuid: callUuid, type: 'transferred', at: now, data });
    return;
  }
  const failure = { callUuid, seq, ringingAt: null, endedAt: now, sipStatus, reason };
  if ((await endAttemptRow(context, failure)) === undefined) return;
  await addEvent(context, { call_uuid: callUuid, type: 'transfer_failed', at: now, data });
}
