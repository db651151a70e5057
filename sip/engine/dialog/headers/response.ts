import type { SipRequest, SipResponse } from '../../message/message.ts';
import { replyTo } from '../../transaction/reply.ts';
import type { ListeningPoint } from '../../transport/transport.ts';
import { copyApplicationHeaders, ensureContentType } from './hygiene.ts';
import { completeContact, defaultContact } from './localhost.ts';
import { makesDialog } from './new-request.ts';
import { asksForSecurity } from './secure.ts';

const handled = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact']);

/** Completes a response of the application (RFC 3261 §8.2.6.2, §12.1.1); only 100 goes without our tag. */
export function completeResponse(
  request: SipRequest,
  draft: SipResponse,
  toTag: string,
  contact: string | undefined,
  point: ListeningPoint,
): SipResponse {
  const { status, reason } = draft;
  const response = replyTo(request, status, reason, status > 100 ? toTag : undefined);
  const { headers } = response;
  if (status > 100 && status < 300) headers.appendFrom(request.headers, 'Record-Route');
  if (contact !== undefined) headers.append('Contact', contact);
  copyApplicationHeaders(draft.headers, headers, handled, point);
  ensureContentType(draft, headers);
  response.body = draft.body;
  return response;
}

/** The Contact of a response: the application's, or the one of the dialog where a dialog begins or goes on. */
export function contactFor(
  request: SipRequest,
  draft: SipResponse,
  point: ListeningPoint,
  ofDialog: string | undefined,
): string | undefined {
  const given = draft.headers.get('Contact');
  if (given !== undefined) return completeContact(given, point, asksForSecurity(request));
  const isDialogAnswer = draft.status > 100 && draft.status < 300;
  const isTargetRefresh = makesDialog(request.method) || request.method === 'UPDATE';
  return isDialogAnswer && isTargetRefresh ? (ofDialog ?? defaultContact(point, asksForSecurity(request))) : undefined;
}
