import { describe, expect, it } from 'vitest';
import { peerOf } from '../../../sip/engine/transport/peer-of.ts';
import { UdpFlows } from '../../../sip/engine/transport/udp-flows.ts';

const point = {
  protocol: 'udp',
  address: '192.0.2.1',
  port: 5060,
  advertisedAddress: '198.51.100.1',
  advertisedPort: 5060,
} as const;

describe('flows of a UDP socket', () => {
  it('are one for all datagrams of a peer, and so is where it is answered', () => {
    const flows = new UdpFlows(point);
    const flow = flows.from('203.0.113.7', 5060);
    expect(flows.from('203.0.113.7', 5060)).toBe(flow);
    expect(peerOf(flow)).toBe(peerOf(flows.from('203.0.113.7', 5060)));
    expect(peerOf(flow)).toEqual({
      protocol: 'udp',
      address: '203.0.113.7',
      port: 5060,
      from: { address: '192.0.2.1', port: 5060 },
    });
  });

  it('keep the ports of one address apart, however many there are', () => {
    const flows = new UdpFlows(point);
    for (let port = 1_024; port < 3_000; port += 1) expect(flows.from('203.0.113.7', port).remotePort).toBe(port);
    expect(flows.from('203.0.113.7', 1_024).remotePort).toBe(1_024);
    expect(flows.from('203.0.113.8', 1_024).remoteAddress).toBe('203.0.113.8');
  });
});
