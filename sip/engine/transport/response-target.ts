import type { SipRequest } from '../message/message.ts';
import { replaceTopVia, topVia, type Via } from '../message/via.ts';
import { withoutZone } from './address/address-kind.ts';
import { peerOf } from './peer-of.ts';
import type { Flow, Target } from './transport.ts';

/**
 * Notes in the top Via where the request really came from (RFC 3261 §18.2.1).
 * DEVIATION (RFC 3581 §4): `rport` is written even when the peer did not ask, so that NATed peers get their responses.
 */
export function stampSource(request: SipRequest, flow: Flow): void {
  const via = topVia(request);
  const source = withoutZone(flow.remoteAddress);
  const differs = via.host !== source || via.rport !== undefined || via.received !== undefined;
  const received = differs ? source : undefined;
  replaceTopVia(request, { ...via, received, rport: flow.remotePort });
}

/**
 * Where the response to the request with this top Via goes: to its source, over the connection it came by
 * (RFC 3261 §18.2.2, RFC 3581 §4).
 * DEVIATION (RFC 3261 §18.2.2): `maddr` is ignored, the engine does not speak multicast.
 */
export function responseTarget(via: Via, flow: Flow): Target {
  const target = peerOf(flow);
  if (flow.protocol === 'udp') return target;
  const port = via.port ?? (flow.protocol === 'tls' ? 5061 : 5060);
  const otherwise = { protocol: flow.protocol, address: flow.remoteAddress, port };
  return {
    ...target,
    otherwise: flow.protocol === 'tls' ? { ...otherwise, serverName: via.host.toLowerCase() } : otherwise,
  };
}
