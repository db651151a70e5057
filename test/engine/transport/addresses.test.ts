import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { topVia } from '../../../sip/engine/message/via.ts';
import { Advertiser } from '../../../sip/engine/transport/address/advertise.ts';
import { networkMatcher } from '../../../sip/engine/transport/address/local-networks.ts';
import { isOwnAddress, ownAddressTowards } from '../../../sip/engine/transport/address/own-addresses.ts';
import { stampSource } from '../../../sip/engine/transport/response-target.ts';
import type { Flow, ListeningPoint, Protocol, Target } from '../../../sip/engine/transport/transport.ts';
import { openTransport, responseTarget } from '../../../sip/engine/transport/transport-layer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { request } from '../support/messages.ts';
import { openLoopback, optionsRequest } from './peers.ts';

const outside = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const hasIpv6 = networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') === true;

const point = (address: string, advertisedAddress = address): ListeningPoint => ({
  ...{ protocol: 'udp', address, port: 5060 },
  ...{ advertisedAddress, advertisedPort: 15_060 },
});
const to = (address: string, from?: string): Target => ({
  ...{ protocol: 'udp', address, port: 1 },
  ...(from === undefined ? {} : { from: { address: from, port: 5060 } }),
});
const told = ({ advertisedAddress, advertisedPort }: ListeningPoint): string =>
  `${advertisedAddress} ${advertisedPort}`;

describe('what a listening point is called before a peer', () => {
  const behindNat = point('10.1.2.3', '203.0.113.7');
  const wildcard = point('0.0.0.0', '203.0.113.7');
  const isLocal = networkMatcher(['10.0.0.0/8', 'fd00::/8', '192.0.2.77']);

  it.each([
    ['198.51.100.1', '203.0.113.7 15060'],
    ['192.0.2.78', '203.0.113.7 15060'],
    ['10.9.9.9', '10.1.2.3 5060'],
    ['192.0.2.77', '10.1.2.3 5060'],
  ])('to %s is %s behind NAT', (peer, expected) => {
    expect(told(new Advertiser(isLocal, new Set()).viewFor(behindNat, to(peer)))).toBe(expected);
  });

  it('is always the advertised address without local networks', () => {
    const advertiser = new Advertiser(undefined, new Set());
    expect(advertiser.viewFor(behindNat, to('10.9.9.9'))).toBe(behindNat);
  });

  it('is, for a wildcard, the end of the connection that a local peer sees', () => {
    const advertiser = new Advertiser(isLocal, new Set());
    expect(told(advertiser.viewFor(wildcard, to('10.9.9.9', '10.1.2.4')))).toBe('10.1.2.4 5060');
    expect(told(advertiser.viewFor(wildcard, to('198.51.100.1', '10.1.2.4')))).toBe('203.0.113.7 15060');
  });

  it('is, for a wildcard that was told nothing, the address of ours on the way', () => {
    const guessed = { ...point('0.0.0.0', '192.0.2.1'), advertisedPort: 5060 };
    const advertiser = new Advertiser(undefined, new Set([guessed]));
    expect(told(advertiser.viewFor(guessed, to('127.0.0.9')))).toBe('127.0.0.1 5060');
    expect(told(advertiser.viewFor(guessed, to('198.51.100.1', '0.0.0.0')))).toBe(`${outside ?? '127.0.0.1'} 5060`);
  });

  it('has no zone (RFC 4007 §11.2)', () => {
    const linkLocal = { ...point('::', '::1'), advertisedPort: 5060 };
    const advertiser = new Advertiser(undefined, new Set([linkLocal]));
    expect(told(advertiser.viewFor(linkLocal, to('fe80::2%eth0', 'fe80::1%eth0')))).toBe('fe80::1 5060');
  });
});

describe('a network of the settings', () => {
  it.each(['10.0.0.0/33', '10.0.0.0/x', '10.0.0/8', 'fd00::/129', 'home', '10.0.0.0/8/8', ''])(
    '%s is refused with what to write',
    (network) => {
      expect(() => networkMatcher([network])).toThrow(`${network} is no network: write it like 10.0.0.0/8 or fd00::/8`);
    },
  );

  it('stops the start', async () => {
    const listen = [{ protocol: 'udp', address: '127.0.0.1', port: 0 } as const];
    const opening = openTransport({ listen, localNetworks: ['home'], user: { onMessage: () => {} } });
    await expect(opening).rejects.toMatchObject({ code: 'bad_network' });
  });
});

describe('our own addresses', () => {
  it('are those of the interfaces and all of loopback', () => {
    expect(isOwnAddress('127.3.2.1')).toBe(true);
    expect(isOwnAddress(outside ?? '127.0.0.1')).toBe(true);
    expect(isOwnAddress('198.51.100.1')).toBe(false);
  });

  it('towards a peer on our network is the one on it', () => {
    expect(ownAddressTowards(outside ?? '127.0.0.2')).toBe(outside ?? '127.0.0.1');
  });
});

describe('a source on the link (RFC 4007 §11.2)', () => {
  it('gets its zone kept for the answer, not written into Via', () => {
    const message = request('OPTIONS');
    const flow: Flow = {
      ...{ protocol: 'udp', localAddress: '::', localPort: 5060 },
      ...{ remoteAddress: 'fe80::2%eth0', remotePort: 5060 },
    };
    stampSource(message, flow);
    expect(message.headers.get('Via')).toContain(';received=fe80::2;');
    expect(responseTarget(topVia(message), flow)).toMatchObject({ address: 'fe80::2%eth0' });
  });
});

describe.skipIf(!hasIpv6)('IPv6', () => {
  it.each(['udp', 'tcp'] as const)('carries messages both ways over %s', async (protocol) => {
    const [server, client] = [await openLoopback([protocol], {}, '::1'), await openLoopback([protocol], {}, '::1')];
    const via = `SIP/2.0/${protocol.toUpperCase()} [2001:db8::9]:5060;branch=z9hG4bK1`;
    client.transport.send(optionsRequest({ via }), server.target(protocol), () => {});
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    expect(topVia(message)).toMatchObject({ host: '2001:db8::9', received: '::1', rport: flow.remotePort });
    server.transport.send(optionsRequest({ via }), responseTarget(topVia(message), flow), () => {});
    await waitFor('the answer', () => client.received[0]);
  });

  it('listens on :: without taking the IPv4 port too', async () => {
    const { target } = await openLoopback(['udp', 'tcp'], {}, '::');
    const { port } = target('udp');
    const listen = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, address: '0.0.0.0', port }));
    const second = await openTransport({ listen, user: { onMessage: () => {} } });
    onTestFinished(() => second.close());
    const hosts = (protocol: Protocol): (string | undefined)[] => [
      second.listeningPointFor({ protocol, address: '127.0.0.1', port: 1 })?.advertisedAddress,
      second.listeningPointFor({ protocol, address: '::1', port: 1 })?.advertisedAddress,
    ];
    expect([hosts('udp'), hosts('tcp')]).toEqual([
      ['127.0.0.1', undefined],
      ['127.0.0.1', undefined],
    ]);
  });
});

describe('a Via that names another transport than it came by (RFC 3261 §18.2.1)', () => {
  it('is taken, and answered by the way it came', async () => {
    const [server, client] = [await openLoopback(['tcp']), await openLoopback(['tcp'])];
    const via = 'SIP/2.0/TLS host.invalid:5099;branch=z9hG4bK1';
    client.transport.send(optionsRequest({ via }), server.target('tcp'), () => {});
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    expect(responseTarget(topVia(message), flow)).toMatchObject({ protocol: 'tcp', port: flow.remotePort });
  });
});
