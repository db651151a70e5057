import type { SipRequest, SipResponse } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import { statelessTag } from '../../transport/receive/refusal.ts';
import { toTagOf } from '../dialog-id.ts';

/** Decides whether one more call can be served. */
export interface Admission {
  admits(): boolean;
  /** What a caller who is turned away is told to wait. */
  readonly retryAfterSeconds: number;
}

/** The answer to a new INVITE there is no capacity for; undefined lets it in (RFC 3261 §8.2.7, §21.5.4). */
export function turnAway(admission: Admission, request: SipRequest): SipResponse | undefined {
  if (request.method !== 'INVITE' || toTagOf(request.headers) !== undefined || admission.admits()) return undefined;
  const response = replyTo(request, 503, 'Service Unavailable', statelessTag(request));
  response.headers.append('Retry-After', `${admission.retryAfterSeconds}`);
  return response;
}
