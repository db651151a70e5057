import { randomInt } from 'node:crypto';
import { Headers } from '../../message/headers.ts';
import type { SipRequest } from '../../message/message.ts';
import { tagOf } from '../../message/name-addr.ts';
import { newId, newTag } from '../../transaction/token.ts';
import type { ListeningPoint } from '../../transport/transport.ts';
import { refuse } from '../refusal.ts';
import { copyApplicationHeaders, ensureContentType } from './hygiene.ts';
import { completeContact, defaultContact, reachableAt, replaceLocalhost } from './localhost.ts';
import { sendsSecurely } from './secure.ts';

const handled = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Max-Forwards']);

/** Methods that make a dialog and therefore need a Contact (RFC 3261 §8.1.1.8). */
export const makesDialog = (method: string): boolean => method === 'INVITE' || method === 'SUBSCRIBE';

/** Completes a request outside a dialog (RFC 3261 §8.1.1); its Via comes with the transaction. */
export function completeNewRequest(draft: SipRequest, point: ListeningPoint): SipRequest {
  const given = draft.headers;
  const isSecure = sendsSecurely(draft.uri);
  const headers = new Headers();
  headers.append('Max-Forwards', given.get('Max-Forwards') ?? '70');
  headers.append('From', tagged(replaceLocalhost(given.get('From') ?? `<sip:${reachableAt(point)}>`, point)));
  headers.append('To', replaceLocalhost(given.get('To') ?? `<${draft.uri}>`, point));
  headers.append('Call-ID', given.get('Call-ID') ?? newId());
  headers.append('CSeq', `${cseqNumber(given)} ${draft.method}`);
  const contact = given.get('Contact') ?? (makesDialog(draft.method) ? defaultContact(point, isSecure) : undefined);
  if (contact !== undefined) headers.append('Contact', completeContact(contact, point, isSecure));
  copyApplicationHeaders(given, headers, handled, point);
  if (!ensureContentType(draft, headers)) refuse('noContentType');
  return { ...draft, headers };
}

const tagged = (from: string): string => (tagOf(from) === undefined ? `${from};tag=${newTag()}` : from);

/** The application's number when it has one (it retries with credentials), else a random start (RFC 3261 §8.1.1.5). */
function cseqNumber(given: Headers): number {
  const number = Number.parseInt(given.get('CSeq') ?? '', 10);
  return Number.isNaN(number) ? randomInt(1, 2 ** 30) : number;
}
