import { describe, expect, it } from 'vitest';
import { choosePoint } from '../../../sip/engine/transport/address/choose-point.ts';
import type { ListeningPoint, Protocol } from '../../../sip/engine/transport/transport.ts';

const point = (protocol: Protocol, address: string, port = 5060): ListeningPoint => ({
  protocol,
  address,
  port,
  advertisedAddress: address,
  advertisedPort: port,
});
const points = [
  point('udp', '127.0.0.1'),
  point('udp', '10.1.2.3'),
  point('udp', '10.1.9.9'),
  point('udp', '10.1.9.9', 5080),
  point('udp', '2001:db8::5'),
  point('tcp', '10.1.2.3'),
];

describe('the listening point to send from', () => {
  it.each([
    ['10.1.9.1', '10.1.9.9'],
    ['10.1.2.200', '10.1.2.3'],
    ['127.0.0.9', '127.0.0.1'],
    ['198.51.100.1', '10.1.2.3'],
    ['2001:db8::9', '2001:db8::5'],
  ])('to %s is %s', (address, expected) => {
    expect(choosePoint(points, { protocol: 'udp', address, port: 1 })?.address).toBe(expected);
  });

  it('is the one the request came in by (RFC 3581 §4)', () => {
    const target = {
      protocol: 'udp',
      address: '10.1.2.200',
      port: 1,
      from: { address: '10.1.9.9', port: 5080 },
    } as const;
    expect(choosePoint(points, target)).toBe(points[3]);
  });

  it('is one that outsiders know by another address, when none is nearer', () => {
    const inner = point('udp', '10.1.2.3');
    const outer = { ...point('udp', '10.2.2.3'), advertisedAddress: '203.0.113.7' };
    const to = (address: string) => choosePoint([inner, outer], { protocol: 'udp', address, port: 1 });
    expect(to('198.51.100.1')).toBe(outer);
    expect(to('10.1.9.9')).toBe(inner);
    expect(to('192.168.1.1')).toBe(inner);
  });

  it('is the wildcard whose connection it was', () => {
    const wildcards = [point('tcp', '0.0.0.0'), point('tcp', '0.0.0.0', 5080)];
    const target = {
      protocol: 'tcp',
      address: '10.1.2.200',
      port: 1,
      from: { address: '10.1.2.3', port: 5080 },
    } as const;
    expect(choosePoint(wildcards, target)).toBe(wildcards[1]);
  });

  it('is none when nothing speaks the protocol', () => {
    expect(choosePoint(points, { protocol: 'tls', address: '10.1.2.3', port: 1 })).toBeUndefined();
  });
});
