import { cseqOf } from '../message/cseq.ts';
import { Headers } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';

const NO_BODY = Buffer.alloc(0);

/** Names copied from the INVITE into an ACK or CANCEL of the same transaction. */
function copyFrom(invite: SipRequest, names: readonly string[], into: Headers): void {
  for (const name of names) into.appendFrom(invite.headers, name);
}

/** The ACK that belongs to the transaction: same branch, To with the tag of the response (RFC 3261 §17.1.1.3). */
export function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = new Headers();
  headers.append('Via', invite.headers.get('Via') ?? '');
  copyFrom(invite, ['Route'], headers);
  headers.append('Max-Forwards', '70');
  copyFrom(invite, ['From'], headers);
  headers.append('To', response.headers.get('To') ?? '');
  copyFrom(invite, ['Call-ID'], headers);
  headers.append('CSeq', `${cseqOf(invite).number} ACK`);
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: NO_BODY };
}

/** CANCEL has the branch, tags and CSeq number of what it cancels (RFC 3261 §9.1). */
export function cancelFor(invite: SipRequest): SipRequest {
  const headers = new Headers();
  headers.append('Via', invite.headers.get('Via') ?? '');
  copyFrom(invite, ['Route'], headers);
  headers.append('Max-Forwards', '70');
  copyFrom(invite, ['From', 'To', 'Call-ID'], headers);
  headers.append('CSeq', `${cseqOf(invite).number} CANCEL`);
  return { kind: 'request', method: 'CANCEL', uri: invite.uri, headers, body: NO_BODY };
}
