import { BoundedCache } from '../message/bounded-cache.ts';
import { makePeer } from './peer-of.ts';
import type { Flow, ListeningPoint } from './transport.ts';

const REMEMBERED_ADDRESSES = 4_096;
/** Of one address; more come from behind a NAT, and are remembered in turn. */
const REMEMBERED_PORTS = 64;

/** One flow for all datagrams of a peer: what a call keeps of where its messages came from is then kept once. */
export class UdpFlows {
  readonly #point: ListeningPoint;
  /** By address, then by port. */
  readonly #flows = new BoundedCache<Map<number, Flow>>(REMEMBERED_ADDRESSES);

  constructor(point: ListeningPoint) {
    this.#point = point;
  }

  from(address: string, port: number): Flow {
    const ports = this.#flows.get(address) ?? this.#remember(address);
    const known = ports.get(port);
    if (known !== undefined) return known;
    if (ports.size >= REMEMBERED_PORTS) ports.clear();
    const flow = this.#make(address, port);
    ports.set(port, flow);
    return flow;
  }

  #remember(address: string): Map<number, Flow> {
    const ports = new Map<number, Flow>();
    this.#flows.set(address, ports);
    return ports;
  }

  #make(remoteAddress: string, remotePort: number): Flow {
    const { address: localAddress, port: localPort } = this.#point;
    const flow: Flow = { protocol: 'udp', localAddress, localPort, remoteAddress, remotePort };
    return { ...flow, peer: makePeer(flow) };
  }
}
