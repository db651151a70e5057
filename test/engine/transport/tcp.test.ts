import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { topVia } from '../../../sip/engine/message/via.ts';
import type { StreamLimits } from '../../../sip/engine/transport/stream/connection.ts';
import type { Target } from '../../../sip/engine/transport/transport.ts';
import { responseTarget } from '../../../sip/engine/transport/transport-layer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { connectTcpPeer, openLoopback, optionsRequest } from './peers.ts';

const via = 'SIP/2.0/TCP host.invalid:5099;branch=z9hG4bK1';
const request = optionsRequest({ via });
const silence = (): never => {
  throw new Error('no error was expected');
};

interface Listener {
  readonly target: Target;
  readonly sockets: Socket[];
}

/** A TCP listener that speaks no SIP. */
async function listenBare(onSocket: (socket: Socket) => void = () => {}): Promise<Listener> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { target: { protocol: 'tcp', address: '127.0.0.1', port: (server.address() as AddressInfo).port }, sockets };
}

describe('TCP on loopback (RFC 3261 §18)', () => {
  it('exchanges messages both ways over the one connection', async () => {
    const [server, client] = [await openLoopback(['tcp']), await openLoopback(['tcp'])];
    client.transport.send(optionsRequest({ via, body: 'größer' }), server.target('tcp'), silence);
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    expect(message.body.toString()).toBe('größer');
    expect(topVia(message)).toMatchObject({ received: '127.0.0.1', rport: flow.remotePort });
    server.transport.send(request, responseTarget(topVia(message), flow), silence);
    const back = await waitFor('the answer', () => client.received[0]);
    expect(back.flow.localPort).toBe(flow.remotePort);
    expect(back.flow.remotePort).toBe(server.target('tcp').port);
  });

  it('reuses an open or opening connection to the same address and port', async () => {
    const [server, client] = [await openLoopback(['tcp']), await openLoopback(['tcp'])];
    for (let n = 0; n < 3; n += 1) client.transport.send(request, server.target('tcp'), silence);
    await waitFor('three requests', () => server.received.length === 3);
    client.transport.send(request, server.target('tcp'), silence);
    await waitFor('the fourth', () => server.received.length === 4);
    expect(new Set(server.received.map(({ flow }) => flow.remotePort)).size).toBe(1);
  });

  it('connects to the Via of a request whose connection is gone (RFC 3261 §18.2.2)', async () => {
    const [server, listener] = [await openLoopback(['tcp']), await listenBare()];
    const peer = await connectTcpPeer(server.target('tcp'));
    peer.socket.write(optionsRequest({ via: `SIP/2.0/TCP host.invalid:${listener.target.port};branch=z9hG4bK1` }));
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    peer.socket.end();
    await once(peer.socket, 'close');
    server.transport.send(request, responseTarget(topVia(message), flow), silence);
    await waitFor('a connection to the Via', () => listener.sockets[0]);
  });

  it('connects again after the peer closed', async () => {
    const listener = await listenBare();
    const { transport } = await openLoopback(['tcp']);
    transport.send(request, listener.target, silence);
    const first = await waitFor('a connection', () => listener.sockets[0]);
    first.end();
    await once(first.resume(), 'close');
    transport.send(request, listener.target, silence);
    await waitFor('another', () => listener.sockets[1]);
  });

  it('answers a double CRLF with one (RFC 5626 §4.4.1)', async () => {
    const server = await openLoopback(['tcp']);
    const peer = await connectTcpPeer(server.target('tcp'));
    peer.socket.write('\r\n\r\n');
    await waitFor('the pong', () => peer.heard() === '\r\n');
    peer.socket.write(request);
    await waitFor('the request', () => server.received[0]);
    expect(peer.heard()).toBe('\r\n');
  });

  it('answers 400 on the connection and goes on with the next message', async () => {
    const server = await openLoopback(['tcp']);
    const peer = await connectTcpPeer(server.target('tcp'));
    peer.socket.write(Buffer.concat([Buffer.from(request.toString().replace(/To: .*\r\n/, '')), request]));
    await waitFor('the request behind it', () => server.received[0]);
    await waitFor('the refusal', () => peer.heard().startsWith('SIP/2.0 400 Bad Request\r\n'));
  });

  it('answers 400 and closes when Content-Length is missing (RFC 3261 §18.3)', async () => {
    const server = await openLoopback(['tcp']);
    const peer = await connectTcpPeer(server.target('tcp'));
    peer.socket.write(optionsRequest({ via, lines: [] }));
    await once(peer.socket, 'close');
    expect(peer.heard()).toMatch(/^SIP\/2\.0 400 Bad Content-Length Header\r\n/);
    expect(server.received).toEqual([]);
  });

  it('closes on a head that never ends', async () => {
    const server = await openLoopback(['tcp']);
    const peer = await connectTcpPeer(server.target('tcp'));
    peer.socket.write(Buffer.alloc(100_000, 'a'));
    await once(peer.socket, 'close');
    expect(server.received).toEqual([]);
  });

  it('closes connections that are idle', async () => {
    const server = await openLoopback(['tcp'], { streams: { idleTimeoutMs: 30 } });
    const peer = await connectTcpPeer(server.target('tcp'));
    await once(peer.socket, 'close');
  });
});

describe('TCP that fails (RFC 3261 §18.4)', () => {
  async function errorsOf(target: Target, streams: Partial<StreamLimits>, times = 1): Promise<Error[]> {
    const { transport } = await openLoopback(['tcp'], { streams });
    const errors: Error[] = [];
    for (let n = 0; n < times; n += 1) transport.send(request, target, (error) => errors.push(error));
    expect(errors).toEqual([]);
    await waitFor('the errors', () => errors.length === times);
    return errors;
  }

  async function closedPort(): Promise<Target> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return { protocol: 'tcp', address: '127.0.0.1', port };
  }

  it('tells each sender once that the connection was refused', async () => {
    const errors = await errorsOf(await closedPort(), {}, 3);
    expect(errors).toMatchObject([{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }]);
  });

  it('tells the sender of a reset', async () => {
    const listener = await listenBare((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await errorsOf(listener.target, {})).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('tells the sender when no connection comes about in time', async () => {
    // A documentation address: packets to it go nowhere, or the system says that there is no way.
    const errors = await errorsOf({ protocol: 'tcp', address: '192.0.2.1', port: 5060 }, { connectTimeoutMs: 50 });
    expect(errors).toHaveLength(1);
  });

  it('refuses to queue without bound for a peer that does not read', async () => {
    const listener = await listenBare((socket) => socket.pause());
    const { transport } = await openLoopback(['tcp'], { streams: { queueBytes: 10_000 } });
    const errors: Error[] = [];
    const big = Buffer.alloc(4_000);
    for (let n = 0; n < 3; n += 1) transport.send(big, listener.target, (error) => errors.push(error));
    await waitFor('the error', () => errors[0]);
    expect(errors[0]!.message).toContain('does not read');
  });

  it('refuses more connections than the limit', async () => {
    const listeners = [await listenBare(), await listenBare()];
    const { transport } = await openLoopback(['tcp'], { streams: { maxConnections: 1 } });
    const errors: Error[] = [];
    for (const { target } of listeners) transport.send(request, target, (error) => errors.push(error));
    await waitFor('the error', () => errors[0]);
    expect(errors[0]!.message).toBe('too many connections');
  });

  it('tells nobody when it is closed, and delivers nothing after', async () => {
    const listener = await listenBare();
    const client = await openLoopback(['tcp']);
    client.transport.send(request, listener.target, silence);
    const socket = await waitFor('the connection', () => listener.sockets[0]);
    await client.transport.close();
    await once(socket.resume(), 'close');
    expect(client.transport.listeningPoints).toEqual([]);
  });
});
