import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest } from '../../message/message.ts';
import { keep } from '../../transaction/kept-bytes.ts';
import { newId } from '../../transaction/token.ts';
import type { Sent } from '../application.ts';
import { type Core, pointFor } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { withRoute } from '../next-hop.ts';
import { refuse } from '../refusal.ts';

const credentials = ['Authorization', 'Proxy-Authorization'] as const;

/** Sends the ACK for the 2xx the dialog waits with: its own branch, CSeq number and credentials of the INVITE (RFC 3261 §13.2.2.4). */
export function acknowledge(core: Core, dialog: Dialog, draft: SipRequest): Sent | Promise<Sent> {
  const invite = dialog.unacknowledged ?? refuse('notAnswered');
  dialog.unacknowledged = undefined;
  return withRoute(core, dialog, (routing, target) => {
    const { number } = cseqOf(invite.request);
    const ack = completeInDialogRequest(dialog, draft, routing, number, pointFor(core, target));
    for (const name of credentials) ack.headers.appendFrom(invite.request.headers, name);
    if (draft.body.length > 0 && dialog.session !== undefined) dialog.session.localSdp = keep(draft.body);
    const bytes = core.transactions.sendAck(ack, target);
    invite.acknowledged(bytes, target);
    return { bytes, via: target, transactionId: newId(), dialogId: dialog.id };
  });
}
