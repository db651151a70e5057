import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { isLoopback, isUnspecified } from '../address/address-kind.ts';
import { listeningPointOf } from '../address/advertised-address.ts';
import type { Endpoint, ListenRequest, Receive } from '../endpoint.ts';
import type { ListeningPoint, Target } from '../transport.ts';
import { Connection, type ConnectionPorts, type StreamLimits } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { ConnectionQuota } from './connection-quota.ts';

export interface StreamContext {
  readonly pool: ConnectionPool;
  readonly quota: ConnectionQuota;
  readonly limits: StreamLimits;
  readonly receive: Receive;
  /** A connection was not accepted. */
  onRefused(error: Error, address: string): void;
}

/** What TCP and TLS differ in. */
export interface StreamKind {
  /** Turns an accepted socket into what messages come by; when that fails, `done` is never called. */
  accept(socket: Socket, done: (socket: Socket) => void): void;
  connect(target: Target, source: { localAddress?: string }): Socket;
}

/** Listens for connections; rejects when the address is taken or not ours. */
export async function openStream(request: ListenRequest, kind: StreamKind, context: StreamContext): Promise<Endpoint> {
  const server = createServer();
  server.maxConnections = context.limits.maxConnections;
  server.listen({ host: request.address, port: request.port, ipv6Only: request.address.includes(':'), backlog: 1_024 });
  await once(server, 'listening');
  const point = listeningPointOf(request, (server.address() as AddressInfo).port);
  return new StreamEndpoint(server, kind, point, context);
}

/** SIP over streams: accepts connections and makes them, and sends on whichever is open to the peer (RFC 3261 §18). */
class StreamEndpoint implements Endpoint {
  readonly point: ListeningPoint;
  readonly #server: Server;
  readonly #kind: StreamKind;
  /** Accepted sockets, also those whose handshake is not done. */
  readonly #accepted = new Set<Socket>();
  readonly #context: StreamContext;
  readonly #ports: ConnectionPorts;

  constructor(server: Server, kind: StreamKind, point: ListeningPoint, context: StreamContext) {
    this.#server = server;
    this.#kind = kind;
    this.point = point;
    this.#context = context;
    this.#ports = {
      protocol: point.protocol,
      limits: context.limits,
      receive: context.receive,
      onClosed: (connection) => context.pool.remove(connection),
    };
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('drop', (peer) => context.onRefused(new Error('too many connections'), peer?.remoteAddress ?? ''));
    // Out of file handles, say: the listener goes on and the peer tries again.
    server.on('error', () => {});
  }

  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void {
    try {
      const connection = this.#context.pool.find(target) ?? this.#connect(target.otherwise ?? target);
      connection.send(bytes, onError);
    } catch (error) {
      queueMicrotask(() => onError(error as Error));
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#context.pool.destroyAll();
    for (const socket of this.#accepted) socket.destroy();
    await closed;
  }

  #onConnection(socket: Socket): void {
    const { remoteAddress: address, remotePort: port } = socket;
    const { quota, onRefused } = this.#context;
    socket.on('error', () => {}); // 'close' follows.
    // Gone already: the peer reset it before we looked.
    if (address === undefined || port === undefined) socket.destroy();
    else if (quota.admits(address)) this.#accept(socket, { address, port });
    else {
      onRefused(new Error('too many connections from one address'), address);
      socket.destroy();
    }
  }

  #accept(socket: Socket, peer: { address: string; port: number }): void {
    this.#accepted.add(socket);
    socket.on('close', () => {
      this.#accepted.delete(socket);
      this.#context.quota.release(peer.address);
    });
    this.#kind.accept(socket, (ready) => this.#adopt(ready, peer));
  }

  #connect(target: Target): Connection {
    if (this.#context.pool.size >= this.#context.limits.maxConnections) throw new Error('too many connections');
    const { address, port, serverName = address } = target;
    return this.#adopt(this.#kind.connect(target, this.#source()), { address, port, serverName });
  }

  #adopt(socket: Socket, peer: Pick<Target, 'address' | 'port' | 'serverName'>): Connection {
    const connection = new Connection(socket, peer, this.#ports);
    this.#context.pool.add(connection);
    return connection;
  }

  /** Peers may know us by the address we listen on. */
  #source(): { localAddress?: string } {
    const { address } = this.point;
    return isUnspecified(address) || isLoopback(address) ? {} : { localAddress: address };
  }
}
