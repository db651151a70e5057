import { Headers } from '../../message/headers.ts';
import type { SipRequest } from '../../message/message.ts';
import type { ListeningPoint } from '../../transport/transport.ts';
import type { Dialog } from '../dialog.ts';
import { refuse } from '../refusal.ts';
import type { Routing } from '../route-set.ts';
import { copyApplicationHeaders, ensureContentType } from './hygiene.ts';
import { completeContact } from './localhost.ts';
import { sendsSecurely } from './secure.ts';

const handled = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Max-Forwards']);
const refreshesTarget = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);

/** Completes a request inside a dialog (RFC 3261 §12.2.1.1): addresses, tags and CSeq are the dialog's, not the draft's. */
export function completeInDialogRequest(
  dialog: Dialog,
  draft: SipRequest,
  routing: Routing,
  cseq: number,
  point: ListeningPoint,
): SipRequest {
  const headers = new Headers();
  for (const route of routing.route) headers.append('Route', route);
  headers.append('Max-Forwards', draft.headers.get('Max-Forwards') ?? '70');
  headers.append('From', dialog.localAddress);
  headers.append('To', dialog.remoteAddress);
  headers.append('Call-ID', dialog.callId);
  headers.append('CSeq', `${cseq} ${draft.method}`);
  const contact = draft.headers.get('Contact') ?? (refreshesTarget.has(draft.method) ? dialog.localContact : undefined);
  if (contact !== undefined)
    headers.append('Contact', completeContact(contact, point, sendsSecurely(routing.requestUri)));
  copyApplicationHeaders(draft.headers, headers, handled, point);
  if (!ensureContentType(draft, headers)) refuse('noContentType');
  return { kind: 'request', method: draft.method, uri: routing.requestUri, headers, body: draft.body };
}
