import type { SipRequest, SipResponse } from '../../message/message.ts';
import type { InviteServerTransaction } from '../../transaction/invite-server.ts';
import { replyTo } from '../../transaction/reply.ts';
import { newTag } from '../../transaction/token.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Flow } from '../../transport/transport.ts';
import { type Core, type IncomingRequest, pointFor } from '../core.ts';
import { Dialog } from '../dialog.ts';
import { callIdOf, dialogIdOf, fromTagOf } from '../dialog-id.ts';
import { defaultContact } from '../headers/localhost.ts';
import { asksForSecurity } from '../headers/secure.ts';
import { answerInstead, openIncoming } from './incoming.ts';
import { identityOf } from './merged.ts';
import { refuseRequestUri } from './refuse-request-uri.ts';
import { withContact } from './with-contact.ts';

/** An INVITE outside any dialog (RFC 3261 §13.3.1). */
export function takeNewInvite(core: Core, tx: InviteServerTransaction, request: SipRequest, flow: Flow): void {
  const toTag = newTag();
  const known = core.dialogs.get(dialogIdOf(callIdOf(request.headers), fromTagOf(request.headers)));
  if (known !== undefined) {
    tx.respond(refuseKnown(core, known, request, toTag));
    return;
  }
  const owner = core.router.applicationFor('INVITE');
  if (owner === undefined) {
    tx.respond(replyTo(request, 503, 'Service Unavailable', toTag));
    return;
  }
  if (refuseRequestUri(tx, request, toTag)) return;
  const peer = peerOf(flow);
  const localContact = defaultContact(pointFor(core, peer), asksForSecurity(request));
  const dialog = new Dialog({ role: 'uas', request, owner, peer, localContact }, toTag);
  core.dialogs.add(dialog);
  const incoming = openInvite(core, tx, request, flow, dialog);
  owner.deliverRequest(withContact(request, flow), flow, { transactionId: incoming.id, dialogId: '' });
}

/** The same call by another path, or one of our own come back (RFC 3261 §8.2.2.2); or a new one under a name in use. */
function refuseKnown(core: Core, dialog: Dialog, invite: SipRequest, toTag: string): SipResponse {
  const isMerged = dialog.role === 'uac' || core.ongoing.has(identityOf(invite) ?? '');
  return isMerged ? replyTo(invite, 482, 'Loop Detected', toTag) : replyTo(invite, 491, 'Request Pending', toTag);
}

/** Registers an INVITE, first or not, with its dialog and with the CANCEL that may come. */
export function openInvite(
  core: Core,
  tx: InviteServerTransaction,
  request: SipRequest,
  flow: Flow,
  dialog: Dialog,
): IncomingRequest {
  const incoming = openIncoming(core, { tx, request, flow, dialog, owner: dialog.owner, toTag: dialog.localTag });
  const onCancel = (cancel: SipRequest, from: Flow) => takeCancel(core, incoming, cancel, from);
  dialog.peerInvite = {
    get isOfferOpen() {
      return request.body.length > 0 && !incoming.hasDescribed;
    },
    terminate: () => terminate(core, incoming),
    cancelledBy: onCancel,
  };
  tx.user = {
    get toTag() {
      return incoming.toTag;
    },
    onCancel,
  };
  return incoming;
}

/** The INVITE ends here and now; whatever the application answers later comes too late (RFC 3261 §9.2). */
function takeCancel(core: Core, incoming: IncomingRequest, cancel: SipRequest, flow: Flow): void {
  const { dialog } = incoming;
  if (dialog?.provisionals?.isHolding === true) {
    dialog.peerInvite?.cancelledBy(cancel, flow);
    return;
  }
  const knowsDialog = incoming.hasAnswered || dialog?.isConfirmed === true;
  terminate(core, incoming);
  const dialogId = knowsDialog ? (dialog?.id ?? '') : '';
  incoming.owner.deliverRequest(cancel, flow, { transactionId: incoming.id, dialogId });
}

const terminate = (core: Core, incoming: IncomingRequest): void =>
  answerInstead(core, incoming, 487, 'Request Terminated');
