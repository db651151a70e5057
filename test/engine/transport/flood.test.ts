import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readQueue } from '../../../sip/engine/transport/kernel-queue.ts';
import { sourceKey } from '../../../sip/engine/transport/receive/source-key.ts';
import { SourceLimiter } from '../../../sip/engine/transport/receive/source-limiter.ts';
import type { Target } from '../../../sip/engine/transport/transport.ts';
import { waitFor } from '../../support/wait-for.ts';
import { TestAuthority, tlsFiles } from '../support/certificates.ts';
import { connectTcpPeer, openLoopback, openUdpPeer, optionsRequest } from './peers.ts';

const via = 'SIP/2.0/TCP host.invalid:5099;branch=z9hG4bK1';
const request = optionsRequest({ via });
const unreadable = optionsRequest()
  .toString()
  .replace(/To: .*\r\n/, '');

/** From another address of loopback. */
async function stranger(): Promise<{ heard: string[]; send(text: string, to: Target): void }> {
  const socket = createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  socket.bind(0, '127.0.0.2');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { heard, send: (text, to) => socket.send(text, to.port, to.address) };
}

async function connectPlain({ port, address }: Target): Promise<{ socket: Socket; closed: Promise<void> }> {
  const socket = connect(port, address).on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return { socket: socket.resume(), closed };
}

describe('a flood of what is not SIP', () => {
  it('is answered to one source so often only, and others as usual', async () => {
    const [server, flooder] = [await openLoopback(['udp']), await openUdpPeer()];
    const to = server.target('udp');
    for (let n = 0; n < 90; n += 1) flooder.send(unreadable, to);
    await waitFor('all of it', () => server.transport.counters.parseErrors === 90);
    const { refusalsOmitted, sent } = server.transport.counters;
    expect(sent).toBeGreaterThanOrEqual(50);
    expect(sent).toBeLessThan(60);
    expect(sent + refusalsOmitted).toBe(90);
    const other = await stranger();
    other.send(unreadable, to);
    await waitFor('the answer to another', () => other.heard[0]);
  });

  it('costs a glance when it cannot even begin a message', async () => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    const noise = ['\x16\x03\x01\x02\x00\x01', '\x00\x01\x00\x00\x21\x12', ' INVITE', '\x80\x00\x00\x00\x00'];
    for (const text of noise) peer.send(Buffer.from(text, 'latin1'), server.target('udp'));
    await waitFor('all of it', () => server.transport.counters.droppedDatagrams === noise.length);
    expect(server.transport.counters.parseErrors).toBe(0);
    expect(server.logged).toEqual([]);
  });

  it('leaves room for methods that begin oddly (RFC 4475 §3.1.1.2)', async () => {
    const [server, peer] = [await openLoopback(['udp']), await openUdpPeer()];
    peer.send(optionsRequest({ method: "!interesting-Method0123456789_*+`.%indeed'~" }), server.target('udp'));
    await waitFor('the request', () => server.received[0]);
  });
});

describe('SourceLimiter', () => {
  it('lets one source have its rate, five seconds of it at once, and others theirs', () => {
    let now = 0;
    const limiter = new SourceLimiter({ perSecond: 2, totalPerSecond: 1_000 }, () => now);
    const admitted = (address: string) =>
      Array.from({ length: 20 }, () => limiter.admits(address)).filter(Boolean).length;
    expect(admitted('192.0.2.1')).toBe(10);
    expect(admitted('192.0.2.2')).toBe(10);
    now = 1_500;
    expect(admitted('192.0.2.1')).toBe(3);
  });

  it('bounds all sources together', () => {
    const limiter = new SourceLimiter({ perSecond: 2, totalPerSecond: 10 }, () => 0);
    const admitted = Array.from({ length: 100 }, (_, n) => limiter.admits(`192.0.2.${n}`)).filter(Boolean).length;
    expect(admitted).toBe(20);
  });

  it('takes an IPv6 network of 64 bits for one source', () => {
    const same = ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8::1%eth0'].map(sourceKey);
    expect(new Set(same).size).toBe(1);
    expect(sourceKey('2001:db8:0:1::1')).not.toBe(same[0]);
    expect(sourceKey('::1')).toBe('0:0:0:0');
    expect(sourceKey('192.0.2.1')).toBe('192.0.2.1');
  });
});

describe('connections of one peer', () => {
  it('are so many at most, until one is closed', async () => {
    const server = await openLoopback(['tcp'], { streams: { maxConnectionsPerAddress: 2 } });
    const to = server.target('tcp');
    const [first] = [await connectPlain(to), await connectPlain(to)];
    const third = await connectPlain(to);
    await third.closed;
    expect(server.transport.counters.connectionsRefused).toBe(1);
    first.socket.destroy();
    await first.closed;
    await waitFor('room again', async () => {
      const again = await connectPlain(to);
      again.socket.write(request);
      await waitFor('the request', () => server.received[0], { timeoutMs: 100 });
      return true;
    });
  });

  it('count before their TLS handshake too', async () => {
    const authority = new TestAuthority();
    const tls = tlsFiles(authority, authority.issue(['engine.test']));
    const server = await openLoopback(['tls'], { tls, streams: { maxConnectionsPerAddress: 2 } });
    for (let n = 0; n < 2; n += 1) await connectPlain(server.target('tls'));
    const third = await connectPlain(server.target('tls'));
    await third.closed;
    expect(server.transport.counters.connectionsRefused).toBe(1);
  });

  it('may be refused without disturbing another', async () => {
    const server = await openLoopback(['tcp'], { streams: { maxConnections: 1 } });
    const first = await connectPlain(server.target('tcp'));
    const second = await connectPlain(server.target('tcp'));
    await second.closed;
    await waitFor('the count', () => server.transport.counters.connectionsRefused === 1);
    first.socket.write(request);
    await waitFor('the request', () => server.received[0]);
  });
});

describe('a peer that takes its time', () => {
  const open = () => openLoopback(['tcp'], { streams: { messageTimeoutMs: 60 } });

  it('is let go when it says nothing at all', async () => {
    await (await connectPlain((await open()).target('tcp'))).closed;
  });

  it('is let go when its message drips in', async () => {
    const server = await open();
    const { socket, closed } = await connectPlain(server.target('tcp'));
    const letters = request[Symbol.iterator]();
    const drip = setInterval(() => socket.write(Buffer.from([letters.next().value ?? 0])), 10);
    onTestFinished(() => clearInterval(drip));
    await closed;
    expect(server.received).toEqual([]);
  });

  it('may be quiet after a whole message', async () => {
    const server = await open();
    const { socket } = await connectPlain(server.target('tcp'));
    socket.write(request);
    await waitFor('the first', () => server.received[0]);
    await (await connectPlain(server.target('tcp'))).closed; // One that came later and said nothing.
    socket.write(request);
    await waitFor('the second', () => server.received[1]);
  });
});

describe('a peer that does not read', () => {
  it('costs a bounded queue, and others nothing', async () => {
    const server = await openLoopback(['tcp'], { streams: { queueBytes: 100_000 } });
    const [deaf, other] = [await connectTcpPeer(server.target('tcp')), await connectTcpPeer(server.target('tcp'))];
    deaf.socket.pause();
    const [deafTarget, otherTarget] = [deaf, other].map(({ socket }): Target => {
      return { protocol: 'tcp', address: '127.0.0.1', port: socket.localPort! };
    });
    const errors: Error[] = [];
    const big = Buffer.alloc(50_000, 'x');
    // More than the kernel holds for a connection, some megabytes.
    await waitFor('the refusal', () => {
      for (let n = 0; n < 20; n += 1) server.transport.send(big, deafTarget!, (error) => errors.push(error));
      return errors[0];
    });
    expect(errors[0]!.message).toContain('does not read');
    server.transport.send(Buffer.from('hello'), otherTarget!, () => {});
    await waitFor('the other one', () => other.heard() === 'hello');
  });
});

describe('what the kernel drops', () => {
  it('is counted for our sockets', async () => {
    const [server, peer] = [await openLoopback(['udp']), createSocket('udp4')];
    onTestFinished(() => void peer.close());
    expect(server.transport.socketState().kernelDrops).toBe(0);
    const { receiveBufferBytes = 0 } = server.transport.socketState();
    expect(receiveBufferBytes).toBeGreaterThan(0);
    // Bound and resolved, a socket sends at once; we do not read meanwhile.
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    peer.connect(server.target('udp').port, '127.0.0.1');
    await once(peer, 'connect');
    const datagram = Buffer.alloc(60_000);
    for (let bytes = 0; bytes < 2 * receiveBufferBytes; bytes += datagram.length) peer.send(datagram);
    await waitFor('drops', () => server.transport.socketState().kernelDrops > 0);
  });

  it.each([
    ['  12: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 42', 42],
    ['  12: 0200007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 42', 0],
    ['  12: 0100007F:13C5 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 42', 0],
    ['  12: 00000000000000000000000001000000:13C4 00:0 07 00:0 00:0 00 0 0 1 2 0 7', 7],
    ['  12: B80D0120000000000000000001000000:13C4 00:0 07 00:0 00:0 00 0 0 1 2 0 7', 0],
  ])('is read from %s', (line, expected) => {
    const sockets = ['127.0.0.1', '::1'].map((address) => ({ address, port: 5060 }));
    expect(readQueue(`heading\n${line}\n`, sockets).drops).toBe(expected);
  });
});
