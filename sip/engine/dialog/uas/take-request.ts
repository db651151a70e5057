import type { SipRequest } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import { newTag } from '../../transaction/token.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import type { Flow } from '../../transport/transport.ts';
import type { Core } from '../core.ts';
import { openIncoming } from './incoming.ts';
import { identityOf } from './merged.ts';
import { refuseRequestUri } from './refuse-request-uri.ts';

/** Methods that have no meaning without their dialog (RFC 3261 §12.2.2). */
const needDialog = new Set(['INVITE', 'BYE', 'UPDATE', 'PRACK']);

const knownMethods = new Set(['INFO', 'MESSAGE', 'NOTIFY', 'OPTIONS', 'PUBLISH', 'REFER', 'REGISTER', 'SUBSCRIBE']);

/** A request other than a new INVITE that belongs to no dialog we know. */
export function takeOutOfDialog(core: Core, tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
  const toTag = newTag();
  const { method } = request;
  if (method === 'PRACK' && core.latePracks.take(request)) {
    tx.respond(replyTo(request, 200, 'OK'));
    return;
  }
  if (core.ongoing.has(identityOf(request) ?? '')) {
    tx.respond(replyTo(request, 482, 'Loop Detected', toTag));
    return;
  }
  const owner = needDialog.has(method) ? undefined : core.router.applicationFor(method);
  if (owner === undefined) {
    const [status, reason] = unwanted(method);
    tx.respond(replyTo(request, status, reason, toTag));
    return;
  }
  if (refuseRequestUri(tx, request, toTag)) return;
  const incoming = openIncoming(core, { tx, request, flow, owner, toTag });
  owner.deliverRequest(request, flow, { transactionId: incoming.id, dialogId: '' });
}

function unwanted(method: string): [number, string] {
  if (needDialog.has(method)) return [481, 'Call/Transaction Does Not Exist'];
  return knownMethods.has(method) ? [503, 'Service Unavailable'] : [501, 'Not Implemented'];
}
