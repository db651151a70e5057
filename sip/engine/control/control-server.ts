import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { formatHostPort } from '../message/host-port.ts';
import type { Log } from '../transaction/log.ts';
import type { EndOfTurn } from '../transport/end-of-turn.ts';
import type { ListeningPoint } from '../transport/transport.ts';
import { type Command, parseCommand } from './command.ts';
import { type CommandContext, carryOut } from './commands.ts';
import { Connection } from './connection.ts';
import { ControlProtocolError } from './control-protocol-error.ts';
import { FrameReader } from './frame-reader.ts';

const MAX_CONNECTIONS = 1_000;
const AUTHENTICATE_WITHIN_MS = 10_000;
/** For an application that has said its last to read what is still on its way to it. */
const FAREWELL_MS = 2_000;

/** What we claim to be: drachtio-srf pings servers from v0.8.2 on. */
const SERVER_VERSION = 'v0.9.10';

interface ControlServerOptions {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  readonly authenticateWithinMs?: number;
  readonly endOfTurn: EndOfTurn;
  readonly log: Log;
}

/** Accepts applications and keeps what they say apart: one connection, one application. */
export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #context: CommandContext;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(options: ControlServerOptions, context: CommandContext) {
    this.#options = options;
    this.#context = context;
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  static async listen(options: ControlServerOptions, context: CommandContext): Promise<ControlServer> {
    const control = new ControlServer(options, context);
    const server = control.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.address, resolve);
    });
    // Out of file handles, say: the listener goes on and the application tries again.
    server.on('error', (err) => options.log('warn', 'control connection not accepted', { err }));
    return control;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Of the application that is slowest to read. */
  get longestQueueBytes(): number {
    let longest = 0;
    for (const socket of this.#sockets) longest = Math.max(longest, socket.writableLength);
    return longest;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this.#options.endOfTurn);
    const reader = new FrameReader((payload) => {
      this.#onFrame(connection, socket, payload);
      reader.isTrusted = connection.isAuthenticated;
    });
    const impatience = setTimeout(() => {
      if (!connection.isAuthenticated) socket.destroy(new Error('no authentication in time'));
    }, this.#options.authenticateWithinMs ?? AUTHENTICATE_WITHIN_MS);
    this.#sockets.add(socket);
    socket.on('data', (chunk) => this.#onData(connection, reader, socket, chunk));
    // 'close' follows and does the work.
    socket.on('error', (err) => this.#options.log('warn', 'control connection lost', { err }));
    socket.on('end', () => this.#dismiss(connection, socket));
    socket.on('close', () => {
      clearTimeout(impatience);
      this.#sockets.delete(socket);
      this.#lose(connection);
    });
  }

  #onData(connection: Connection, reader: FrameReader, socket: Socket, chunk: Buffer): void {
    if (socket.writableEnded) return; // Dismissed.
    try {
      reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ControlProtocolError)) throw error;
      this.#options.log('warn', 'control protocol broken, closing connection', { reason: error.message });
      this.#dismiss(connection, socket);
    }
  }

  #onFrame(connection: Connection, socket: Socket, payload: Buffer): void {
    if (!connection.isConnected || socket.writableEnded) return;
    const command = parseCommand(payload);
    if (command.verb === 'authenticate') this.#authenticate(connection, socket, command);
    else if (connection.isAuthenticated) carryOut(this.#context, connection, command);
    else this.#turnAway(connection, socket, command, 'not authenticated');
  }

  #authenticate(connection: Connection, socket: Socket, command: Command): void {
    if (!isEqual(command.args[0] ?? '', this.#options.secret)) {
      this.#turnAway(connection, socket, command, 'wrong secret');
      return;
    }
    connection.isAuthenticated = true;
    const points = this.#context.userAgent.transactions.transport.listeningPoints;
    connection.ok(command.id, hostPorts(points, advertised), SERVER_VERSION, hostPorts(points, bound));
  }

  #turnAway(connection: Connection, socket: Socket, command: Command, reason: string): void {
    connection.rejected(command.id, reason);
    this.#dismiss(connection, socket);
  }

  /** Closes once what was written is read, yet soon; the application has no part in anything from now on. */
  #dismiss(connection: Connection, socket: Socket): void {
    connection.flush();
    socket.destroySoon();
    socket.setTimeout(FAREWELL_MS, () => socket.destroy());
    this.#lose(connection);
  }

  #lose(connection: Connection): void {
    if (!connection.isConnected) return;
    connection.isConnected = false;
    this.#context.routes.removeAll(connection);
    this.#context.userAgent.applicationLost(connection);
  }
}

const advertised = (point: ListeningPoint) => formatHostPort(point.advertisedAddress, point.advertisedPort);
const bound = (point: ListeningPoint) => formatHostPort(point.address, point.port);

/** `udp/192.0.2.1:5060,tcp/…` as drachtio-srf gives it to its application. */
function hostPorts(points: readonly ListeningPoint[], hostPort: (point: ListeningPoint) => string): string {
  return points.map((point) => `${point.protocol}/${hostPort(point)}`).join(',');
}

/** In constant time for texts of one length. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
