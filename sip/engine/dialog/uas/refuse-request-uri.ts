import type { SipRequest } from '../../message/message.ts';
import { ParseError } from '../../message/parse-error.ts';
import { parseSipUri } from '../../message/uri.ts';
import { replyTo } from '../../transaction/reply.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';

/**
 * Answers 416 to a scheme that is neither sip, sips nor tel, and 400 to a URI of these that cannot be read
 * (RFC 3261 §8.2.2.1); false when the Request-URI is fine. Inside a dialog it plays no part (RFC 3261 §12.2.2).
 */
export function refuseRequestUri(tx: ServerTransactionOf, request: SipRequest, toTag: string): boolean {
  try {
    parseSipUri(request.uri);
    return false;
  } catch (fault) {
    if (!(fault instanceof ParseError)) throw fault;
    const reason = fault.code === 'unsupported_scheme' ? fault.message : 'Bad Request-URI';
    tx.respond(replyTo(request, fault.status, reason, toTag));
    return true;
  }
}
