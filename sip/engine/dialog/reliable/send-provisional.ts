import type { SipResponse } from '../../message/message.ts';
import type { InviteServerTransaction } from '../../transaction/invite-server.ts';
import type { Core, IncomingRequest } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { answerInstead } from '../uas/incoming.ts';
import { tellCancelled } from '../uas/tell-cancelled.ts';
import { abandonAnswered } from './abandon-invite.ts';
import { isReliable, ReliableProvisionals } from './reliable-provisionals.ts';

const noPrack = { status: 504, reason: 'Server Time-out', why: 'PRACK timeout' } as const;

/** Sends a 1xx to an INVITE, reliably where asked to (RFC 3262 §3), and returns it as it is or will be sent. */
export function sendProvisional(
  core: Core,
  incoming: IncomingRequest,
  tx: InviteServerTransaction,
  dialog: Dialog,
  response: SipResponse,
): Buffer {
  if (!isReliable(incoming.request, response)) return tx.respond(response);
  const onLost = () => refuseUnacknowledged(core, incoming, dialog);
  // RSeq counts anew for each INVITE.
  if (dialog.provisionals?.tx !== tx) {
    dialog.provisionals = new ReliableProvisionals(core.transactions, tx, incoming.request, onLost);
  }
  return dialog.provisionals.send(response);
}

/** No PRACK came: the INVITE is refused. To the application it is a CANCEL, or a BYE when it has answered already. */
function refuseUnacknowledged(core: Core, incoming: IncomingRequest, dialog: Dialog): void {
  if (dialog.provisionals?.isHolding === true) {
    abandonAnswered(core, incoming, dialog, noPrack);
    return;
  }
  dialog.provisionals?.finish();
  answerInstead(core, incoming, noPrack.status, noPrack.reason);
  tellCancelled(incoming, 'SIP;cause=504;text="PRACK timeout"');
}
