import type { SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Target } from '../transport/transport.ts';
import type { Core } from './core.ts';

/** What the Via will add. */
const VIA_BYTES = 100;

/** The same peer by TCP, when the request is too long for a datagram and we can send by TCP (RFC 3261 §18.1.1). */
export function insteadOfUdp(core: Core, request: SipRequest, target: Target): Target | undefined {
  const { udpMaxRequestBytes } = core.options;
  if (udpMaxRequestBytes === undefined || target.protocol !== 'udp') return undefined;
  const stream: Target = { protocol: 'tcp', address: target.address, port: target.port };
  if (core.transactions.transport.listeningPointFor(stream) === undefined) return undefined;
  return serialize(request).length + VIA_BYTES > udpMaxRequestBytes ? stream : undefined;
}
