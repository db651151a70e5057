import { findCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { PostbackRow } from '../store/tables.ts';
import type { PostbackInput } from './admit-postback.ts';
import { logPostback } from './log-postback.ts';
import type { PostbackAnswer } from './postback-answer.ts';

/** A postback with the right key that was answered without asking its call. */
export interface LogUnappliedInput extends PostbackInput {
  readonly kind: PostbackRow['kind'];
  readonly status: 'refused' | 'ignored';
  readonly httpStatus: PostbackAnswer['httpStatus'];
  readonly reason: string;
}

/** Keeps it in the log of its call, if there is one: the owner sees what arrived and why it came to nothing (semantics §3). */
export async function logUnapplied(context: OperationContext, input: LogUnappliedInput): Promise<void> {
  const { uuid, kind, status, httpStatus, reason } = input;
  const call = await findCall(context, uuid);
  if (call === undefined) return;
  const answer: PostbackAnswer = { httpStatus, body: { call_uuid: uuid, status, reason }, enqueued: 0 };
  await logPostback(context, input, answer, { kind, call });
}
