import { Headers } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { tagOf } from '../message/name-addr.ts';

const NO_BODY = Buffer.alloc(0);

/** A bare response: Via, From, To, Call-ID and CSeq of the request; `toTag` is for a To that has none (RFC 3261 §8.2.6). */
export function replyTo(request: SipRequest, status: number, reason: string, toTag?: string): SipResponse {
  const headers = new Headers();
  headers.appendFrom(request.headers, 'Via');
  headers.appendCanonical('From', request.headers.get('From') ?? '');
  const to = request.headers.get('To') ?? '';
  headers.appendCanonical('To', toTag === undefined || tagOf(to) !== undefined ? to : `${to};tag=${toTag}`);
  headers.appendCanonical('Call-ID', request.headers.get('Call-ID') ?? '');
  headers.appendCanonical('CSeq', request.headers.get('CSeq') ?? '');
  return { kind: 'response', status, reason, headers, body: NO_BODY };
}
