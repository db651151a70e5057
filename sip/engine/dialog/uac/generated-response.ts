import type { SipRequest, SipResponse } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import { newTag } from '../../transaction/token.ts';
import { toTagOf } from '../dialog-id.ts';

export type GeneratedStatus = keyof typeof reasons;

const reasons = {
  408: 'Request Timeout',
  487: 'Request Terminated',
  503: 'Service Unavailable',
} as const;

/** The final response the network did not give (RFC 3261 §8.1.3.1). */
export function generatedResponse(request: SipRequest, status: GeneratedStatus, reason?: string): SipResponse {
  const tag = toTagOf(request.headers) ?? newTag();
  return replyTo(request, status, reason ?? reasons[status], tag);
}
