import { cancelFor } from '../../transaction/ack.ts';
import type { IncomingRequest } from '../core.ts';

/**
 * Tells the application that the engine has ended an INVITE it was still working on, in the one word there is for it: a
 * CANCEL, which nobody sent.
 */
export function tellCancelled(
  { request, flow, owner, id, hasAnswered, dialog }: IncomingRequest,
  reason: string,
): void {
  const cancel = cancelFor(request);
  cancel.headers.append('Reason', reason);
  const knowsDialog = hasAnswered || dialog?.isConfirmed === true;
  owner.deliverRequest(cancel, flow, { transactionId: id, dialogId: knowsDialog ? (dialog?.id ?? '') : '' });
}
