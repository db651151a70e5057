import { cseqOf } from '../../message/cseq.ts';
import type { SipResponse } from '../../message/message.ts';
import { newId } from '../../transaction/token.ts';
import type { Sent } from '../application.ts';
import { type Core, dropAnswers, endDialog, type IncomingRequest, peerOf, pointFor } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { toTagOf } from '../dialog-id.ts';
import { completeResponse, contactFor } from '../headers/response.ts';
import { refuse } from '../refusal.ts';
import { hangUpAndTell } from '../uac/hang-up.ts';
import { Answer } from './answer.ts';
import { closeIncoming } from './incoming.ts';

/** Sends the application's response to one of its open requests. */
export function respond(core: Core, transactionId: string, draft: SipResponse): Sent {
  const incoming = core.incoming.get(transactionId) ?? refuse('unknownTransaction');
  const { request, tx, dialog } = incoming;
  if (!incoming.hasAnswered) adoptTag(incoming, draft);
  const point = pointFor(core, peerOf(incoming.flow));
  const contact = contactFor(request, draft, point);
  const response = completeResponse(request, draft, incoming.toTag, contact, point);
  incoming.hasAnswered ||= draft.status > 100;
  if (draft.status >= 200) closeIncoming(core, incoming);
  const bytes = tx.respond(response);
  const sent: Sent = { bytes, via: tx.target, transactionId, dialogId: dialogIdFor(incoming) };
  if (dialog !== undefined && request.method === 'INVITE') {
    if (contact !== undefined && draft.status < 300) dialog.localContact = contact;
    afterInviteResponse(core, incoming, dialog, draft.status, sent);
  }
  return sent;
}

/** The application may choose our tag with its first response. */
function adoptTag(incoming: IncomingRequest, draft: SipResponse): void {
  const { dialog } = incoming;
  const tag = toTagOf(draft.headers);
  if (tag === undefined || dialog?.isConfirmed === true) return;
  incoming.toTag = tag;
  dialog?.renameLocal(tag);
}

function dialogIdFor({ request, dialog }: IncomingRequest): string {
  return dialog === undefined || request.method === 'BYE' ? '' : dialog.id;
}

function afterInviteResponse(core: Core, incoming: IncomingRequest, dialog: Dialog, status: number, sent: Sent): void {
  // The application rings: from here on only the caller's patience counts.
  incoming.guard.stop();
  if (status >= 300 && !dialog.isConfirmed) endDialog(core, dialog);
  if (status < 200 || status >= 300) return;
  const ack = {
    cseq: cseqOf(incoming.request).number,
    // The ACK of the first INVITE goes by the INVITE's id; later ones have their own.
    transactionId: dialog.isConfirmed ? newId() : incoming.id,
  };
  dialog.isConfirmed = true;
  const answer = new Answer(core, ack, sent.bytes, sent.via, () => onNoAck(core, dialog));
  dialog.answers = [...dialog.answers, answer];
}

function onNoAck(core: Core, dialog: Dialog): void {
  dropAnswers(dialog);
  const { heldBye } = dialog;
  dialog.heldBye = undefined;
  if (heldBye !== undefined) heldBye();
  else hangUpAndTell(core, dialog, 'ACK timeout');
}
