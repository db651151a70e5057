import type { SipRequest } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import { newTag } from '../../transaction/token.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import type { Flow } from '../../transport/transport.ts';
import type { Core } from '../core.ts';
import { callIdOf, dialogIdOf, fromTagOf, toTagOf } from '../dialog-id.ts';
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
  const isStray = toTagOf(request.headers) !== undefined;
  const owner = needsDialog(method, isStray) ? undefined : core.router.applicationFor(method);
  if (owner === undefined) {
    const [status, reason] = unwanted(method, isStray);
    tx.respond(replyTo(request, status, reason, toTag));
    return;
  }
  if (refuseRequestUri(tx, request, toTag)) return;
  if (method === 'SUBSCRIBE' && core.dialogs.has(dialogIdOf(callIdOf(request.headers), fromTagOf(request.headers)))) {
    tx.respond(replyTo(request, 482, 'Loop Detected', toTag)); // on another path: RFC 3261 §8.2.2.2
    return;
  }
  const incoming = openIncoming(core, { tx, request, flow, owner, toTag });
  owner.deliverRequest(request, flow, { transactionId: incoming.id, dialogId: '' });
}

/** A SUBSCRIBE with a To tag refreshes what we do not have (RFC 6665 §4.2.1.1). */
const needsDialog = (method: string, isStray: boolean): boolean =>
  needDialog.has(method) || (method === 'SUBSCRIBE' && isStray);

/** A NOTIFY nobody waits for is refused so that no more follow (RFC 6665 §4.1.3). */
function unwanted(method: string, isStray: boolean): [number, string] {
  if (needsDialog(method, isStray) || (method === 'NOTIFY' && isStray)) return [481, 'Call/Transaction Does Not Exist'];
  return knownMethods.has(method) ? [503, 'Service Unavailable'] : [501, 'Not Implemented'];
}
