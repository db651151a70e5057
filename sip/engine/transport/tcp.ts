import { once } from 'node:events';
import { type AddressInfo, connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { isLoopback, isUnspecified, listeningPointOf } from './advertised-address.ts';
import { Connection, type ConnectionPorts, type StreamLimits } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Endpoint, ListenRequest, Receive } from './endpoint.ts';
import type { ListeningPoint, Target } from './transport.ts';

export interface StreamContext {
  readonly pool: ConnectionPool;
  readonly limits: StreamLimits;
  readonly receive: Receive;
}

/** Listens on TCP; rejects when the address is taken or not ours. */
export async function openTcp(request: ListenRequest, context: StreamContext): Promise<Endpoint> {
  const server = createServer();
  server.maxConnections = context.limits.maxConnections;
  server.listen({ host: request.address, port: request.port, ipv6Only: isIPv6(request.address), backlog: 1_024 });
  await once(server, 'listening');
  return new TcpEndpoint(server, listeningPointOf(request, (server.address() as AddressInfo).port), context);
}

/** SIP over TCP: accepts connections and makes them, and sends on whichever is open to the peer (RFC 3261 §18). */
class TcpEndpoint implements Endpoint {
  readonly point: ListeningPoint;
  readonly #server: Server;
  readonly #context: StreamContext;
  readonly #ports: ConnectionPorts;

  constructor(server: Server, point: ListeningPoint, context: StreamContext) {
    this.#server = server;
    this.point = point;
    this.#context = context;
    this.#ports = {
      protocol: 'tcp',
      limits: context.limits,
      receive: context.receive,
      onClosed: (connection) => context.pool.remove(connection),
    };
    server.on('connection', (socket) => this.#accept(socket));
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
    await closed;
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    // Gone already: the peer reset it before we looked.
    if (remoteAddress === undefined || remotePort === undefined) socket.destroy();
    else this.#adopt(socket, { address: remoteAddress, port: remotePort });
  }

  #connect(target: Target): Connection {
    if (this.#context.pool.size >= this.#context.limits.maxConnections) throw new Error('too many connections');
    const socket = connect({ host: target.address, port: target.port, ...this.#source() });
    return this.#adopt(socket, target);
  }

  #adopt(socket: Socket, peer: { address: string; port: number }): Connection {
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
