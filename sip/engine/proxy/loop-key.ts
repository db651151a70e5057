import { cseqOf } from '../message/cseq.ts';
import type { SipRequest } from '../message/message.ts';
import { tagOf } from '../message/name-addr.ts';
import { parseVia } from '../message/via.ts';

/** Two requests of one key would be forwarded alike (RFC 3261 §16.6, step 8). */
export function loopKeyOf(request: SipRequest): string {
  const { method, uri, headers } = request;
  const tag = tagOf(headers.get('From') ?? '') ?? '';
  const route = headers.getAll('Route');
  return [method, uri, headers.get('Call-ID'), tag, cseqOf(request).number, ...route].join(' ');
}

/** Of all transactions it came through; ours among them tell that it has been here before (RFC 3261 §16.3, step 4). */
export function branchesOf(request: SipRequest): string[] {
  return request.headers.getAll('Via').flatMap((value) => branchIn(value) ?? []);
}

function branchIn(via: string): string | undefined {
  try {
    return parseVia(via).branch;
  } catch {
    return undefined;
  }
}
