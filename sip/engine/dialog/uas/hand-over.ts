import type { SipRequest } from '../../message/message.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import { type Core, endDialog } from '../core.ts';
import { refuse } from '../refusal.ts';
import { closeIncoming } from './incoming.ts';

/** Lets go of an open request outside a dialog, which somebody else will answer. */
export function handOver(core: Core, transactionId: string): { tx: ServerTransactionOf; request: SipRequest } {
  const incoming = core.incoming.get(transactionId) ?? refuse('unknownTransaction');
  const { tx, request, dialog } = incoming;
  if (dialog !== undefined && (dialog.isConfirmed || request.method !== 'INVITE')) refuse('inDialog');
  closeIncoming(core, incoming);
  if (dialog !== undefined) endDialog(core, dialog);
  return { tx, request };
}
