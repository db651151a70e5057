import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { SipMessage } from '../../../sip/engine/message/message.ts';
import type { Flow, OperatedTransport, Protocol, Target } from '../../../sip/engine/transport/transport.ts';
import { openTransport, type TransportOptions } from '../../../sip/engine/transport/transport-layer.ts';

const host = '127.0.0.1';

export interface Received {
  readonly message: SipMessage;
  readonly flow: Flow;
}

/** A transport on loopback with what it delivered and complained of; closed when the test ends. */
export interface OpenTransport {
  readonly transport: OperatedTransport;
  readonly received: Received[];
  readonly faults: unknown[];
  readonly logged: readonly { level: string; message: string; fields: Record<string, unknown> }[];
  target(protocol: Protocol): Target;
}

export async function openLoopback(
  protocols: readonly Protocol[],
  options: Partial<TransportOptions> & { onMessage?: (message: SipMessage, flow: Flow) => void } = {},
  address = host,
): Promise<OpenTransport> {
  const received: Received[] = [];
  const faults: unknown[] = [];
  const logged: OpenTransport['logged'][number][] = [];
  const transport = await openTransport({
    listen: protocols.map((protocol) => ({ protocol, address, port: 0 })),
    user: {
      onMessage: (message, flow) => {
        received.push({ message, flow });
        options.onMessage?.(message, flow);
      },
      onFault: (error) => faults.push(error),
    },
    log: (level, message, fields) => logged.push({ level, message, fields }),
    ...options,
  });
  onTestFinished(() => transport.close());
  const target = (protocol: Protocol): Target => {
    const point = transport.listeningPoints.find((each) => each.protocol === protocol)!;
    return { protocol, address: address === '::' ? '::1' : address, port: point.port };
  };
  return { transport, received, faults, logged, target };
}

/** A bare UDP socket that keeps the text it hears. */
export interface UdpPeer {
  readonly port: number;
  readonly heard: string[];
  readonly peers: RemoteInfo[];
  send(bytes: Buffer | string, to: Target): void;
}

export async function openUdpPeer(): Promise<UdpPeer> {
  const socket: UdpSocket = createSocket('udp4');
  const heard: string[] = [];
  const peers: RemoteInfo[] = [];
  socket.on('message', (bytes, from) => {
    heard.push(bytes.toString());
    peers.push(from);
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { port: socket.address().port, heard, peers, send: (bytes, to) => socket.send(bytes, to.port, to.address) };
}

/** A bare TCP client that keeps the text it hears. */
export interface TcpPeer {
  readonly socket: Socket;
  heard(): string;
}

export async function connectTcpPeer(to: Target): Promise<TcpPeer> {
  const socket = connect(to.port, to.address);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return { socket, heard: () => text };
}

/** An OPTIONS request whose Via says nothing true about its sender. */
export function optionsRequest(
  change: { method?: string; via?: string; lines?: readonly string[]; body?: string } = {},
): Buffer {
  const { method = 'OPTIONS', via = 'SIP/2.0/UDP host.invalid:5099;rport;branch=z9hG4bK1', lines, body = '' } = change;
  const head = [
    `${method} sip:bob@127.0.0.1 SIP/2.0`,
    `Via: ${via}`,
    'From: <sip:alice@host.invalid>;tag=1',
    'To: <sip:bob@127.0.0.1>',
    'Call-ID: call-1',
    `CSeq: 1 ${method}`,
    ...(lines ?? [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
