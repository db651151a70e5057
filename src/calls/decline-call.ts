import { changeCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import type { ChangedCall } from './convert-call.ts';
import { settleCall } from './settle-call.ts';

/** The call is no conversion; a late postback may still make it one. Undefined if somebody else decided first (semantics §5). */
export async function declineCall(
  context: OperationContext,
  call: CallRow,
  now: number,
): Promise<ChangedCall | undefined> {
  const changes = { state: 'not_converted', window_ends_at: null, decided_at: now } as const;
  const declined = await changeCall(context, call, changes);
  if (declined === undefined) return undefined;
  return { call: declined, enqueued: await settleCall(context, declined, 'not_converted', now) };
}
