import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest } from '../../message/message.ts';
import { InviteServerTransaction } from '../../transaction/invite-server.ts';
import { replyTo } from '../../transaction/reply.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import type { Flow } from '../../transport/transport.ts';
import { type Core, endDialog, peerOf } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { refuseTooShort } from '../session-timer/agreement.ts';
import { acknowledge } from '../uac/acknowledge.ts';
import { engineDraft } from '../uac/engine-draft.ts';
import { ignoreOutcome } from '../uac/hang-up.ts';
import { openIncoming } from './incoming.ts';
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
  const refusal = core.options.strictOrder ? outOfOrder(dialog, request) : undefined;
  if (refusal !== undefined) {
    const response = replyTo(request, refusal.status, refusal.reason, dialog.localTag);
    if (refusal.retryAfterSeconds !== undefined) response.headers.append('Retry-After', `${refusal.retryAfterSeconds}`);
    tx.respond(response);
    return;
  }
  dialog.remoteCseq = cseqOf(request).number;
  const tooShort = refuseTooShort(dialog, request);
  if (tooShort !== undefined) {
    tx.respond(tooShort);
    return;
  }
  if (refreshesTarget.has(request.method)) {
    dialog.refreshTarget(request);
    dialog.peer = peerOf(flow);
  }
  if (request.method === 'BYE') takeBye(core, dialog, tx, request, flow);
  else if (request.method === 'PRACK') takePrack(core, dialog, tx, request, flow);
  else pass(core, dialog, tx, request, flow);
}

interface OrderRefusal {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSeconds?: number;
}

/** CSeq running backwards (RFC 3261 §12.2.2) and overlapping re-INVITEs and UPDATEs (RFC 3261 §14.2, RFC 3311 §5.2). */
function outOfOrder(dialog: Dialog, request: SipRequest): OrderRefusal | undefined {
  const { number } = cseqOf(request);
  if (dialog.remoteCseq !== undefined && number < dialog.remoteCseq) {
    return { status: 500, reason: 'Server Internal Error' };
  }
  if (request.method === 'UPDATE') return overlappingUpdate(dialog, request);
  if (request.method !== 'INVITE') return undefined;
  if (dialog.ownInvite !== undefined) return requestPending;
  return dialog.peerInvite === undefined ? undefined : tryLater();
}

/** One UPDATE at a time, and no offer into an offer of ours (RFC 3311 §5.2). */
function overlappingUpdate(dialog: Dialog, update: SipRequest): OrderRefusal | undefined {
  if (dialog.peerUpdates > 0) return tryLater();
  const hasOwnOffer = dialog.ownOffers > 0 || (dialog.isConfirmed && dialog.ownInvite !== undefined);
  return hasOwnOffer && update.body.length > 0 ? requestPending : undefined;
}

const requestPending: OrderRefusal = { status: 491, reason: 'Request Pending' };

const tryLater = (): OrderRefusal => ({
  status: 500,
  reason: 'Server Internal Error',
  retryAfterSeconds: Math.floor(Math.random() * 11),
});

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

function takeBye(core: Core, dialog: Dialog, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  if (!dialog.isConfirmed) takeEarlyBye(dialog, tx, request, flow);
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
  const { heldBye } = dialog;
  dialog.heldBye = undefined;
  heldBye?.();
}

/** A caller may end a call that only rings by BYE (RFC 3261 §15); to the application it is a CANCEL. A callee may not. */
function takeEarlyBye(dialog: Dialog, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  const { peerInvite } = dialog;
  if (dialog.role === 'uac' || peerInvite === undefined) {
    tx.respond(replyTo(request, 481, 'Call/Transaction Does Not Exist', dialog.localTag));
    return;
  }
  tx.respond(replyTo(request, 200, 'OK', dialog.localTag));
  peerInvite.cancelledBy({ ...request, method: 'CANCEL' }, flow);
}
