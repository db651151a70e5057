import { AppError } from '../domain/errors.ts';
import { findCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';

/** Throws AppError `call_unknown`. */
export async function requireCall(context: OperationContext, uuid: string): Promise<CallRow> {
  const call = await findCall(context, uuid);
  if (call === undefined) throw new AppError('call_unknown', `there is no call ${uuid}`);
  return call;
}
