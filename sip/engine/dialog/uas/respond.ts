import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { InviteServerTransaction } from '../../transaction/invite-server.ts';
import { newId } from '../../transaction/token.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Sent } from '../application.ts';
import { type Core, dropAnswers, endDialog, type IncomingRequest, pointFor } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { callIdOf, dialogIdOf, fromTagOf, toTagOf } from '../dialog-id.ts';
import { completeResponse, contactFor } from '../headers/response.ts';
import { refuse } from '../refusal.ts';
import { holdAnswer } from '../reliable/hold-answer.ts';
import { sendProvisional } from '../reliable/send-provisional.ts';
import { agreeAsUas, refreshesSession } from '../session-timer/agreement.ts';
import { acceptSubscription } from '../subscription/subscription-dialog.ts';
import { hangUpAndTell } from '../uac/hang-up.ts';
import { Answer } from './answer.ts';
import { closeIncoming, letRing } from './incoming.ts';

/** Sends the application's response to one of its open requests. */
export function respond(core: Core, transactionId: string, draft: SipResponse): Sent {
  const incoming = core.incoming.get(transactionId) ?? refuse('unknownTransaction');
  const { request, tx, dialog } = incoming;
  if (!incoming.hasAnswered) adoptTag(incoming, draft);
  const point = pointFor(core, peerOf(incoming.flow));
  const contact = contactFor(request, draft, point, dialog?.localContact);
  const response = completeResponse(request, draft, incoming.toTag, contact, point);
  if (request.method === 'PRACK') acceptPrack(response);
  if (dialog !== undefined && draft.status >= 200 && draft.status < 300) settleSession(core, dialog, request, response);
  if (request.method === 'SUBSCRIBE' && draft.status >= 200 && draft.status < 300) {
    acceptSubscription(core, incoming, response);
  }
  incoming.hasAnswered ||= draft.status > 100;
  incoming.hasDescribed ||= draft.body.length > 0;
  if (draft.status >= 200) closeIncoming(core, incoming);
  const isInvite = dialog !== undefined && tx instanceof InviteServerTransaction;
  if (dialog !== undefined && contact !== undefined && draft.status < 300) dialog.localContact = contact;
  const bytes = isInvite ? respondToInvite(core, incoming, tx, dialog, response) : tx.respond(response);
  return { bytes, via: tx.target, transactionId, dialogId: dialogIdFor(incoming) };
}

/** An UPDATE touches the timer of a call that is up only. */
function settleSession(core: Core, dialog: Dialog, request: SipRequest, response: SipResponse): void {
  if (!refreshesSession(request.method) || (request.method === 'UPDATE' && !dialog.isConfirmed)) return;
  const description =
    response.body.length > 0 ? response.body : (dialog.provisionals?.lastDescription ?? response.body);
  core.followSession(
    dialog,
    agreeAsUas(core.options.minSessionSeconds, dialog, request, response),
    request,
    description,
  );
}

/**
 * A PRACK that gets as far as the application acknowledges something and has to be accepted (RFC 3262 §3). drachtio-srf
 * knows the method only while it rings: after its 200, which may have to wait, it says 501.
 */
function acceptPrack(response: SipResponse): void {
  if (response.status === 501) Object.assign(response, { status: 200, reason: 'OK' });
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
  if (dialog !== undefined) return request.method === 'BYE' ? '' : dialog.id;
  return request.method === 'SUBSCRIBE' ? dialogIdOf(callIdOf(request.headers), fromTagOf(request.headers)) : '';
}

function respondToInvite(
  core: Core,
  incoming: IncomingRequest,
  tx: InviteServerTransaction,
  dialog: Dialog,
  response: SipResponse,
): Buffer {
  if (response.status < 200) {
    letRing(core, incoming);
    return sendProvisional(core, incoming, tx, dialog, response);
  }
  if (response.status >= 300) {
    dialog.provisionals?.finish();
    const bytes = tx.respond(response);
    if (!dialog.isConfirmed) endDialog(core, dialog);
    return bytes;
  }
  if (dialog.provisionals?.mustHold !== true) {
    dialog.provisionals?.finish();
    return sendAnswer(core, incoming, dialog, tx.respond(response));
  }
  const send = () => sendAnswer(core, incoming, dialog, tx.respond(response));
  return holdAnswer(core, incoming, dialog, dialog.provisionals, { response, send });
}

/** The 2xx is out: it is sent again until its ACK. */
function sendAnswer(core: Core, incoming: IncomingRequest, dialog: Dialog, bytes: Buffer): Buffer {
  const ack = {
    cseq: cseqOf(incoming.request).number,
    // The ACK of the first INVITE goes by the INVITE's id; later ones have their own.
    transactionId: dialog.isConfirmed ? newId() : incoming.id,
    isOffer: incoming.request.body.length === 0 && incoming.hasDescribed,
  };
  dialog.isConfirmed = true;
  const answer = new Answer(core, ack, bytes, incoming.tx.target, () => onNoAck(core, dialog));
  dialog.answers = [...dialog.answers, answer];
  return bytes;
}

function onNoAck(core: Core, dialog: Dialog): void {
  dropAnswers(dialog);
  if (dialog.heldBye !== undefined) dialog.releaseHeldBye();
  else hangUpAndTell(core, dialog, 'ACK timeout');
}
