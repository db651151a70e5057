import { serialize } from '../../message/serialize.ts';
import { replyTo } from '../../transaction/reply.ts';
import { newId } from '../../transaction/token.ts';
import { type Core, endDialog, type IncomingRequest, pointFor } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { engineDraft } from '../uac/engine-draft.ts';

/**
 * Refuses an INVITE the application has answered 2xx already, but whose 2xx was still held back. The application takes the
 * call for answered, so it is told that the peer hung up.
 */
export function abandonAnswered(
  core: Core,
  incoming: IncomingRequest,
  dialog: Dialog,
  refusal: { status: number; reason: string; why: string },
): void {
  // Never sent, hence without a route.
  const routing = { requestUri: dialog.remoteTarget, route: [], nextHop: dialog.remoteTarget };
  const bye = completeInDialogRequest(
    dialog,
    engineDraft('BYE', refusal.why),
    routing,
    dialog.nextCseq(),
    pointFor(core, dialog.peer),
  );
  dialog.peerInvite = undefined;
  endDialog(core, dialog);
  incoming.tx.respond(replyTo(incoming.request, refusal.status, refusal.reason, incoming.toTag));
  dialog.releaseHeldBye();
  const { owner, peer, id } = dialog;
  owner.deliverOwnRequest({ bytes: serialize(bye), via: peer, transactionId: newId(), dialogId: id });
}
