import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest } from '../../message/message.ts';
import { callIdOf, fromTagOf, toTagOf } from '../dialog-id.ts';

/**
 * What a request outside a dialog has in common with itself by another path; undefined inside one. A second one like it,
 * in another transaction, while the first is open is merged: it has been answered already (RFC 3261 §8.2.2.2).
 */
export function identityOf(request: SipRequest): string | undefined {
  const { headers, method } = request;
  if (toTagOf(headers) !== undefined) return undefined;
  return `${method} ${cseqOf(request).number} ${fromTagOf(headers)} ${callIdOf(headers)}`;
}
