import { hash } from 'node:crypto';
import { Headers } from '../../message/headers.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { withTag } from '../../message/name-addr.ts';
import type { ParseError } from '../../message/parse-error.ts';

/** Stateless answer to a request that could not be read; none to an ACK (RFC 3261 §8.2.6, §8.2.7). */
export function refusalOf(fault: ParseError): SipResponse | undefined {
  const request = fault.partial;
  if (request === undefined || request.method === 'ACK') return undefined;
  return {
    kind: 'response',
    status: fault.status,
    reason: fault.message,
    headers: echoedHeaders(request),
    body: Buffer.alloc(0),
  };
}

function echoedHeaders(request: SipRequest): Headers {
  const headers = new Headers();
  for (const via of request.headers.getAll('Via')) headers.append('Via', via);
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = request.headers.get(name);
    if (value !== undefined) headers.append(name, name === 'To' ? tagged(value, request) : value);
  }
  return headers;
}

/** The same tag for every copy of a request, as nothing of it is remembered (RFC 3261 §8.2.7). */
export function statelessTag({ headers }: SipRequest): string {
  return hash('sha1', [headers.get('Via'), headers.get('Call-ID'), headers.get('From')].join('\n')).slice(0, 16);
}

function tagged(to: string, request: SipRequest): string {
  if (/;\s*tag\s*=/i.test(to)) return to;
  try {
    return withTag(to, statelessTag(request));
  } catch {
    return to; // Unreadable: echoed as it came.
  }
}
