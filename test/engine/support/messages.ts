import { Headers } from '../../../sip/engine/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { replyTo } from '../../../sip/engine/transaction/reply.ts';
import type { Flow, Protocol } from '../../../sip/engine/transport/transport.ts';

export const peerFlow = (protocol: Protocol = 'udp'): Flow => ({
  protocol,
  localAddress: '192.0.2.1',
  localPort: 5060,
  remoteAddress: '192.0.2.9',
  remotePort: 5060,
});

interface RequestParts {
  readonly branch?: string;
  readonly toTag?: string;
  readonly cseq?: number;
  readonly protocol?: Protocol;
  readonly via?: boolean;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A request of the peer at 192.0.2.9, complete but for what is said otherwise. */
export function request(method: string, parts: RequestParts = {}): SipRequest {
  const { branch = 'z9hG4bKpeer1', cseq = 1, protocol = 'udp', toTag } = parts;
  const headers = new Headers();
  if (parts.via !== false) headers.append('Via', `SIP/2.0/${protocol.toUpperCase()} 192.0.2.9:5060;branch=${branch}`);
  headers.append('Max-Forwards', '70');
  headers.append('From', '<sip:alice@192.0.2.9>;tag=alice');
  headers.append('To', `<sip:bob@192.0.2.1>${toTag === undefined ? '' : `;tag=${toTag}`}`);
  headers.append('Call-ID', 'call-1');
  headers.append('CSeq', `${cseq} ${method}`);
  headers.append('Contact', '<sip:alice@192.0.2.9:5060>');
  for (const [name, value] of Object.entries(parts.headers ?? {})) headers.set(name, value);
  return { kind: 'request', method, uri: 'sip:bob@192.0.2.1', headers, body: Buffer.from(parts.body ?? '') };
}

export const response = (to: SipRequest, status: number, toTag = 'bob'): SipResponse =>
  replyTo(to, status, 'Because', toTag);
