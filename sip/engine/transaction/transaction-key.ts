import { cseqOf } from '../message/cseq.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { tagOf } from '../message/name-addr.ts';
import { topVia } from '../message/via.ts';

const COOKIE = 'z9hG4bK';

/** Branch, sent-by and method name a server transaction; ACK and CANCEL look for their INVITE (RFC 3261 §17.2.3). */
export function serverKey(request: SipRequest, method = request.method): string {
  const { branch, host, port } = topVia(request);
  const name = branch?.startsWith(COOKIE) === true ? branch : callIdentity(request, branch);
  return `${method} ${host}:${port ?? ''} ${name}`;
}

/** Our branches are unique; only a CANCEL shares one, with its INVITE (RFC 3261 §17.1.3). */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `CANCEL ${branch}` : branch;
}

export function clientKeyOf(response: SipResponse): string | undefined {
  const { branch } = topVia(response);
  return branch === undefined ? undefined : clientKey(branch, cseqOf(response).method);
}

/** Stands in for a branch without the cookie, as RFC 2543 peers send; a proxy of theirs tells its forks apart by branch. */
function callIdentity(request: SipRequest, branch = ''): string {
  const { headers, uri } = request;
  return `${branch} ${uri} ${headers.get('Call-ID')} ${cseqOf(request).number} ${tagOf(headers.get('From') ?? '')}`;
}
