import { describe, expect, it } from 'vitest';
import { serialize } from '../../../sip/engine/message/serialize.ts';
import { topVia } from '../../../sip/engine/message/via.ts';
import { openTransport, responseTarget } from '../../../sip/engine/transport/transport-layer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openLoopback, openUdpPeer, optionsRequest } from './peers.ts';

const silence = (): never => {
  throw new Error('no error was expected');
};

describe('UDP on loopback (RFC 3261 §18)', () => {
  it('exchanges a request and its response', async () => {
    const [server, client] = [await openLoopback(['udp']), await openLoopback(['udp'])];
    client.transport.send(optionsRequest(), server.target('udp'), silence);
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    const response = {
      kind: 'response',
      status: 200,
      reason: 'OK',
      headers: message.headers,
      body: Buffer.from('hi'),
    } as const;
    server.transport.send(serialize(response), responseTarget(topVia(message), flow), silence);
    const answer = await waitFor('the response', () => client.received[0]);
    expect(answer.message).toMatchObject({ kind: 'response', status: 200, body: Buffer.from('hi') });
    expect(server.transport.counters).toMatchObject({ received: 1, sent: 1, parseErrors: 0, sendErrors: 0 });
  });

  it('writes received and rport into the top Via (RFC 3581 §4)', async () => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    peer.send(optionsRequest(), server.target('udp'));
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    expect(message.headers.get('Via')).toBe(
      `SIP/2.0/UDP host.invalid:5099;rport=${peer.port};received=127.0.0.1;branch=z9hG4bK1`,
    );
    expect(flow).toMatchObject({ protocol: 'udp', remoteAddress: '127.0.0.1', remotePort: peer.port });
    expect(responseTarget(topVia(message), flow)).toMatchObject({ address: '127.0.0.1', port: peer.port });
  });

  it('writes rport even when not asked, and no received when the host is true', async () => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    peer.send(optionsRequest({ via: 'SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1' }), server.target('udp'));
    const { message } = await waitFor('the request', () => server.received[0]);
    expect(message.headers.get('Via')).toBe(`SIP/2.0/UDP 127.0.0.1:9;rport=${peer.port};branch=z9hG4bK1`);
  });

  it.each([
    [
      'a missing To',
      optionsRequest()
        .toString()
        .replace(/To: .*\r\n/, ''),
      /^SIP\/2\.0 400 Bad Request\r\n/,
    ],
    [
      'an unreadable To',
      optionsRequest()
        .toString()
        .replace(/To: .*/, 'To: "Bob'),
      /^SIP\/2\.0 400 Bad To Header\r\n/,
    ],
    [
      'another version',
      optionsRequest().toString().replace('SIP/2.0\r', 'SIP/9.1\r'),
      /^SIP\/2\.0 505 Version Not Supported\r\n/,
    ],
  ])('answers a request with %s, without state (RFC 3261 §8.2.7)', async (_what, text, expected) => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    peer.send(text, server.target('udp'));
    peer.send(text, server.target('udp'));
    await waitFor('two answers', () => peer.heard.length === 2);
    const [first, second] = peer.heard;
    expect(first).toMatch(expected);
    expect(first).toContain(`;rport=${peer.port};received=127.0.0.1;branch=z9hG4bK1\r\n`);
    expect(first).toContain('CSeq: 1 OPTIONS\r\n');
    expect(second).toBe(first);
    expect(server.received).toEqual([]);
    expect(server.faults).toHaveLength(2);
    expect(server.transport.counters).toMatchObject({ received: 0, parseErrors: 2, sent: 2 });
  });

  it('adds a To tag to the 400 (RFC 3261 §8.2.6.2)', async () => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    peer.send(
      optionsRequest()
        .toString()
        .replace(/Call-ID: .*\r\n/, ''),
      server.target('udp'),
    );
    await waitFor('the answer', () => peer.heard[0]);
    expect(peer.heard[0]).toMatch(/\r\nTo: <sip:bob@127\.0\.0\.1>;tag=[0-9a-f]{16}\r\n/);
  });

  it('answers neither ACK, responses, noise nor keep-alives, and goes on', async () => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    const to = server.target('udp');
    peer.send(
      optionsRequest({ method: 'ACK' })
        .toString()
        .replace(/To: .*\r\n/, ''),
      to,
    );
    peer.send('SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n', to);
    peer.send(Buffer.from([0xff, 0, 0x16, 3, 1, 2]), to);
    for (const keepAlive of ['', '\r\n', '\r\n\r\n', '\0\0\0\0']) peer.send(keepAlive, to);
    peer.send(optionsRequest(), to);
    await waitFor('the request', () => server.received[0]);
    expect(peer.heard).toEqual([]);
    expect(server.transport.counters).toMatchObject({ parseErrors: 2, droppedDatagrams: 1 });
  });

  it('survives a user that throws', async () => {
    const server = await openLoopback(['udp'], {
      onMessage: () => {
        throw new Error('bug');
      },
    });
    const peer = await openUdpPeer();
    peer.send(optionsRequest(), server.target('udp'));
    peer.send(optionsRequest(), server.target('udp'));
    await waitFor('both faults', () => server.faults.length === 2);
    expect(server.faults).toEqual([new Error('bug'), new Error('bug')]);
  });

  it('answers from the listening point the request came to (RFC 3581 §4)', async () => {
    const server = await openLoopback(['udp', 'udp']);
    const peer = await openUdpPeer();
    const second = server.transport.listeningPoints[1]!;
    peer.send(optionsRequest(), { protocol: 'udp', address: '127.0.0.1', port: second.port });
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    server.transport.send(Buffer.from('answer'), responseTarget(topVia(message), flow), silence);
    await waitFor('the answer', () => peer.heard[0]);
    expect(peer.peers[0]?.port).toBe(second.port);
  });

  it('reports later what the kernel refuses at once', async () => {
    const { transport } = await openLoopback(['udp']);
    const errors: Error[] = [];
    const fail = (error: Error): number => errors.push(error);
    transport.send(Buffer.alloc(70_000), { protocol: 'udp', address: '127.0.0.1', port: 9 }, fail);
    transport.send(Buffer.from('x'), { protocol: 'udp', address: '127.0.0.1', port: 0 }, fail);
    transport.send(Buffer.from('x'), { protocol: 'tcp', address: '127.0.0.1', port: 9 }, fail);
    expect(errors).toEqual([]);
    await waitFor('three errors', () => errors.length === 3);
    expect(transport.counters.sendErrors).toBe(3);
  });
});

describe('listening', () => {
  it('takes one free port for both protocols of an address', async () => {
    const { transport } = await openLoopback(['udp', 'tcp']);
    const [udp, tcp] = transport.listeningPoints;
    expect(udp!.port).toBeGreaterThan(0);
    expect(tcp!.port).toBe(udp!.port);
  });

  it('advertises what it was told, and never a wildcard', async () => {
    const transport = await openTransport({
      listen: [
        { protocol: 'udp', address: '0.0.0.0', port: 0 },
        { protocol: 'udp', address: '127.0.0.1', port: 0, advertisedAddress: '203.0.113.7', advertisedPort: 5060 },
      ],
      user: { onMessage: () => {} },
    });
    const [wildcard, told] = transport.listeningPoints;
    await transport.close();
    expect(wildcard!.advertisedAddress).not.toBe('0.0.0.0');
    expect(told).toMatchObject({ advertisedAddress: '203.0.113.7', advertisedPort: 5060 });
  });

  it('opens all or none, and leaves the ports free again', async () => {
    const { target } = await openLoopback(['tcp']);
    const taken = target('tcp').port;
    const user = { onMessage: () => {} };
    const udp = { protocol: 'udp', address: '127.0.0.1', port: taken } as const;
    const tcp = { ...udp, protocol: 'tcp' } as const;
    await expect(openTransport({ listen: [udp, tcp], user })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const again = await openTransport({ listen: [udp], user });
    await again.close();
  });

  it('on TLS needs a certificate', async () => {
    const listen = [{ protocol: 'tls', address: '127.0.0.1', port: 0 } as const];
    await expect(openTransport({ listen, user: { onMessage: () => {} } })).rejects.toThrow(
      'TLS needs a certificate and a key file',
    );
  });
});
