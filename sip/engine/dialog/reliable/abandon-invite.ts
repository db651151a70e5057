import { replyTo } from '../../transaction/reply.ts';
import { type Core, endDialog, type IncomingRequest } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { unsentBye } from '../uac/unsent-bye.ts';

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
  dialog.peerInvite = undefined;
  endDialog(core, dialog);
  incoming.tx.respond(replyTo(incoming.request, refusal.status, refusal.reason, incoming.toTag));
  dialog.releaseHeldBye();
  dialog.owner.deliverOwnRequest(unsentBye(core, dialog, refusal.why));
}
