import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { isLoopback, isUnspecified, listeningPointOf } from './advertised-address.ts';
import { Connection, type ConnectionPorts, type StreamLimits } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Endpoint, ListenRequest, Receive } from './endpoint.ts';
import type { ListeningPoint, Protocol, Target } from './transport.ts';

export interface StreamContext {
  readonly pool: ConnectionPool;
  readonly limits: StreamLimits;
  readonly receive: Receive;
  /** A connection was not accepted. */
  onRefused(error: Error, address: string): void;
}

/** What TCP and TLS differ in. */
export interface StreamKind {
  readonly protocol: Protocol;
  /** A server that is not listening yet. */
  readonly server: Server;
  /** The server's event for a connection that can be used. */
  readonly accepted: 'connection' | 'secureConnection';
  connect(target: Target, source: { localAddress?: string }): Socket;
}

/** Listens for connections; rejects when the address is taken or not ours. */
export async function openStream(request: ListenRequest, kind: StreamKind, context: StreamContext): Promise<Endpoint> {
  const { server } = kind;
  server.maxConnections = context.limits.maxConnections;
  server.listen({ host: request.address, port: request.port, ipv6Only: request.address.includes(':'), backlog: 1_024 });
  await once(server, 'listening');
  return new StreamEndpoint(kind, listeningPointOf(request, (server.address() as AddressInfo).port), context);
}

/** SIP over streams: accepts connections and makes them, and sends on whichever is open to the peer (RFC 3261 §18). */
class StreamEndpoint implements Endpoint {
  readonly point: ListeningPoint;
  readonly #kind: StreamKind;
  readonly #context: StreamContext;
  readonly #ports: ConnectionPorts;

  constructor(kind: StreamKind, point: ListeningPoint, context: StreamContext) {
    this.#kind = kind;
    this.point = point;
    this.#context = context;
    this.#ports = {
      protocol: kind.protocol,
      limits: context.limits,
      receive: context.receive,
      onClosed: (connection) => context.pool.remove(connection),
    };
    kind.server.on(kind.accepted, (socket: Socket) => this.#accept(socket));
    // Out of file handles, say: the listener goes on and the peer tries again.
    kind.server.on('error', () => {});
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
    const { server } = this.#kind;
    const closed = once(server, 'close');
    server.close();
    this.#context.pool.destroyAll();
    await closed;
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const { pool, limits, onRefused } = this.#context;
    // Gone already: the peer reset it before we looked.
    if (remoteAddress === undefined || remotePort === undefined) socket.destroy();
    else if (pool.countOf(remoteAddress) >= limits.maxConnectionsPerAddress) {
      onRefused(new Error('too many connections from one address'), remoteAddress);
      socket.destroy();
    } else this.#adopt(socket, { address: remoteAddress, port: remotePort });
  }

  #connect(target: Target): Connection {
    if (this.#context.pool.size >= this.#context.limits.maxConnections) throw new Error('too many connections');
    return this.#adopt(this.#kind.connect(target, this.#source()), target);
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
