import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { connect, createServer, type SecureContextOptions } from 'node:tls';
import { StreamFramer } from '../../../sip/engine/transport/stream/stream-framer.ts';

/** What a phone hangs on: its network, to one engine. */
export interface Line {
  readonly protocol: 'udp' | 'tcp' | 'tls';
  readonly port: number;
  onMessage: (bytes: Buffer) => void;
  send(bytes: Buffer | string, port: number): void;
  close(): void;
}

export async function openUdpLine(): Promise<Line> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const line: Line = {
    protocol: 'udp',
    port: socket.address().port,
    onMessage: () => {},
    send: (bytes, port) => socket.send(bytes, port, '127.0.0.1'),
    close: () => socket.close(),
  };
  socket.on('message', (bytes) => line.onMessage(bytes));
  return line;
}

/** A TCP listener; sends on the newest connection, and connects when there is none. */
export async function openTcpLine(): Promise<Line> {
  const sockets: Socket[] = [];
  const adopt = (socket: Socket): Socket => {
    const framer = new StreamFramer({ message: (bytes) => line.onMessage(Buffer.from(bytes)), ping: () => {} });
    socket.on('data', (chunk) => framer.push(chunk));
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  };
  const server = createTcpServer(adopt).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dial = (port: number): Socket => adopt(connectTcp(port, '127.0.0.1'));
  const line: Line = {
    protocol: 'tcp',
    port: (server.address() as AddressInfo).port,
    onMessage: () => {},
    send: (bytes, port) => void (sockets.findLast((socket) => socket.writable) ?? dial(port)).write(bytes),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return line;
}

/** A TLS listener; sends on the newest connection, and connects when there is none. */
export interface TlsLine extends Line {
  /** Connections that came about, in either direction. */
  readonly sockets: readonly Socket[];
}

/** `identity` is shown as a server and, unless `isAnonymous`, as a client. */
export async function openTlsLine(
  identity: SecureContextOptions & { readonly servername: string; readonly isAnonymous?: boolean },
): Promise<TlsLine> {
  const sockets: Socket[] = [];
  const adopt = (socket: Socket): Socket => {
    const framer = new StreamFramer({ message: (bytes) => line.onMessage(Buffer.from(bytes)), ping: () => {} });
    socket.on('data', (chunk) => framer.push(chunk));
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  };
  const server = createServer(identity, adopt);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { servername, isAnonymous = false, ca } = identity;
  const asClient = isAnonymous ? { servername, ca } : identity;
  const dial = (port: number): Socket => adopt(connect({ ...asClient, port, host: '127.0.0.1' }));
  const line: TlsLine = {
    protocol: 'tls',
    port: (server.address() as AddressInfo).port,
    sockets,
    onMessage: () => {},
    send: (bytes, port) => void (sockets.findLast((socket) => socket.writable) ?? dial(port)).write(bytes),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return line;
}
