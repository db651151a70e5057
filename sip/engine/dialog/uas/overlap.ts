import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import type { Dialog } from '../dialog.ts';
import { hasOwnOffer, hasPeerOffer } from '../open-offers.ts';

/** The answer to a request that comes out of order or while another one is open; undefined when it may come in. */
export function refuseOverlap(dialog: Dialog, request: SipRequest): SipResponse | undefined {
  if (dialog.remoteCseq !== undefined && cseqOf(request).number < dialog.remoteCseq) {
    // RFC 3261 §12.2.2
    return replyTo(request, 500, 'Server Internal Error', dialog.localTag);
  }
  if (request.method === 'INVITE') return overlapOfInvite(dialog, request);
  return request.method === 'UPDATE' ? overlapOfUpdate(dialog, request) : undefined;
}

/** RFC 3261 §14.2; an offer in an UPDATE is in the way like one in an INVITE (RFC 3311 §5.2). */
function overlapOfInvite(dialog: Dialog, invite: SipRequest): SipResponse | undefined {
  if (dialog.ownInvite !== undefined || dialog.ownOffers > 0) return pending(dialog, invite);
  if (dialog.peerInvite !== undefined || dialog.peerUpdates > 0) return later(dialog, invite);
  return undefined;
}

/** RFC 3311 §5.2. */
function overlapOfUpdate(dialog: Dialog, update: SipRequest): SipResponse | undefined {
  if (dialog.peerUpdates > 0) return later(dialog, update);
  if (update.body.length === 0) return undefined;
  if (hasOwnOffer(dialog)) return pending(dialog, update);
  return hasPeerOffer(dialog) ? later(dialog, update) : undefined;
}

const pending = (dialog: Dialog, request: SipRequest): SipResponse =>
  replyTo(request, 491, 'Request Pending', dialog.localTag);

function later(dialog: Dialog, request: SipRequest): SipResponse {
  const response = replyTo(request, 500, 'Server Internal Error', dialog.localTag);
  response.headers.append('Retry-After', `${Math.floor(Math.random() * 11)}`);
  return response;
}
