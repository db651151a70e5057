import type { Flow, Target } from './transport.ts';

/** Where messages of this flow came from, to be answered from the listening point they came in by (RFC 3581 §4). */
export function peerOf(flow: Flow): Target {
  return flow.peer ?? makePeer(flow);
}

/** The same, made anew. */
export function makePeer(flow: Flow): Target {
  return {
    protocol: flow.protocol,
    address: flow.remoteAddress,
    port: flow.remotePort,
    from: { address: flow.localAddress, port: flow.localPort },
  };
}
