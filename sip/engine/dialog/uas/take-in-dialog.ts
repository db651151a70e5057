import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest } from '../../message/message.ts';
import { InviteServerTransaction } from '../../transaction/invite-server.ts';
import { replyTo } from '../../transaction/reply.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Flow } from '../../transport/transport.ts';
import { type Core, endDialog } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { refuseTooShort } from '../session-timer/agreement.ts';
import { takeNotify } from '../subscription/follow-subscription.ts';
import { acknowledge } from '../uac/acknowledge.ts';
import { engineDraft } from '../uac/engine-draft.ts';
import { ignoreOutcome } from '../uac/hang-up.ts';
import { openIncoming } from './incoming.ts';
import { refuseOverlap } from './overlap.ts';
import { openInvite } from './take-invite.ts';

const refreshesTarget = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** A request inside a dialog (RFC 3261 §12.2.2). */
export function takeInDialog(
  core: Core,
  dialog: Dialog,
  tx: ServerTransactionOf,
  request: SipRequest,
  flow: Flow,
): void {
  const refusal =
    (core.options.strictOrder ? refuseOverlap(dialog, request) : undefined) ??
    refuseTooShort(core.options.minSessionSeconds, dialog, request);
  if (refusal !== undefined) {
    tx.respond(refusal);
    return;
  }
  dialog.remoteCseq = cseqOf(request).number;
  if (refreshesTarget.has(request.method)) {
    dialog.refreshTarget(request);
    dialog.peer = peerOf(flow);
  }
  if (request.method === 'NOTIFY') takeNotify(dialog, request);
  if (!dialog.owner.isConnected) takeForNobody(core, dialog, tx, request);
  else if (request.method === 'BYE') takeBye(core, dialog, tx, request, flow);
  else if (request.method === 'PRACK') takePrack(core, dialog, tx, request, flow);
  else pass(core, dialog, tx, request, flow);
}

function pass(core: Core, dialog: Dialog, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  const incoming =
    tx instanceof InviteServerTransaction
      ? openInvite(core, tx, request, flow, dialog)
      : openIncoming(core, { tx, request, flow, dialog, owner: dialog.owner, toTag: dialog.localTag });
  dialog.owner.deliverRequest(request, flow, { transactionId: incoming.id, dialogId: dialog.id });
}

/** One that acknowledges nothing of ours gets 481 (RFC 3262 §3). */
function takePrack(core: Core, dialog: Dialog, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  if (dialog.provisionals?.acknowledge(request) !== true) {
    tx.respond(replyTo(request, 481, 'Call/Transaction Does Not Exist', dialog.localTag));
    return;
  }
  pass(core, dialog, tx, request, flow);
  dialog.provisionals.proceed();
}

/** The application has left and its calls are about to be hung up: a BYE is welcome, nothing else can be served. */
function takeForNobody(core: Core, dialog: Dialog, tx: ServerTransactionOf, request: SipRequest): void {
  if (request.method === 'BYE' && dialog.isConfirmed) {
    endByPeer(core, dialog);
    tx.respond(replyTo(request, 200, 'OK', dialog.localTag));
  } else tx.respond(replyTo(request, 481, 'Call/Transaction Does Not Exist', dialog.localTag));
}

function takeBye(core: Core, dialog: Dialog, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  if (!dialog.isConfirmed || dialog.subscriptions !== undefined) takeEarlyBye(dialog, tx, request, flow);
  else {
    endByPeer(core, dialog);
    pass(core, dialog, tx, request, flow);
  }
}

/** The dialog is over at once; INVITEs still open in it get 487 (RFC 3261 §15.1.2). */
function endByPeer(core: Core, dialog: Dialog): void {
  if (dialog.unacknowledged !== undefined) ignoreOutcome(acknowledge(core, dialog, engineDraft('ACK')));
  endDialog(core, dialog);
  dialog.ownInvite?.giveUp();
  dialog.releaseHeldBye();
}

/**
 * A caller may end a call that only rings by BYE (RFC 3261 §15); to the application it is a CANCEL. A callee may not, and
 * a subscription is no call (RFC 5057 §4.1).
 */
function takeEarlyBye(dialog: Dialog, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  const { peerInvite } = dialog;
  if (dialog.role === 'uac' || peerInvite === undefined) {
    tx.respond(replyTo(request, 481, 'Call/Transaction Does Not Exist', dialog.localTag));
    return;
  }
  tx.respond(replyTo(request, 200, 'OK', dialog.localTag));
  peerInvite.cancelledBy({ ...request, method: 'CANCEL' }, flow);
}
