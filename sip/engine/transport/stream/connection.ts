import type { Socket } from 'node:net';
import type { Receive } from '../endpoint.ts';
import type { Flow, Protocol, Target } from '../transport.ts';
import { StreamFramer } from './stream-framer.ts';

/** Times and sizes of stream connections. */
export interface StreamLimits {
  readonly connectTimeoutMs: number;
  /** For the TLS handshake of a peer that connected to us. */
  readonly handshakeTimeoutMs: number;
  /** Closed after so long without a byte; peers' keep-alives count (RFC 5626 §4.4.1 has them every two minutes). */
  readonly idleTimeoutMs: number;
  /** For a connection just accepted to send its first message, and for any message to be complete once begun. */
  readonly messageTimeoutMs: number;
  /** Bytes that may wait for a peer that does not read. */
  readonly queueBytes: number;
  readonly maxConnections: number;
  /** Accepted from one address; of an IPv6 peer, from its network of 64 bits. */
  readonly maxConnectionsPerAddress: number;
  /** TLS handshakes one address may begin, each of which costs us a signature; five times as many in a burst. */
  readonly handshakesPerSecond: number;
}

export const defaultStreamLimits: StreamLimits = {
  connectTimeoutMs: 5_000,
  handshakeTimeoutMs: 10_000,
  idleTimeoutMs: 600_000,
  queueBytes: 1_048_576,
  messageTimeoutMs: 30_000,
  maxConnections: 4_096,
  maxConnectionsPerAddress: 256,
  handshakesPerSecond: 20,
};

export interface ConnectionPorts {
  readonly protocol: Protocol;
  readonly limits: StreamLimits;
  readonly receive: Receive;
  onClosed(connection: Connection): void;
}

type OnError = (error: Error) => void;

/** How long a peer may take to read the refusal that closes its broken stream. */
const farewellMs = 2_000;
/** Senders remembered for a peer that never says anything. */
const maxUnheard = 10_000;
const pong = Buffer.from('\r\n');

/** One connection, accepted or made by us; the socket may be plain or TLS (RFC 3261 §18.1.1, §18.2.1). */
export class Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;
  readonly #ports: ConnectionPorts;
  /** For whom its certificate was checked when we connected: a name or its address. */
  readonly serverName: string | undefined;
  readonly #framer: StreamFramer;
  #flow: Flow | undefined;
  #failure: Error | undefined;
  /** When the first bytes of a message came whose rest did not. */
  #begunAt: number | undefined;
  /** Senders whose bytes were written since the peer was last heard: a reset means that they are lost. */
  #unheard: OnError[] = [];

  constructor(socket: Socket, peer: { address: string; port: number; serverName?: string }, ports: ConnectionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.remoteAddress = peer.address;
    this.remotePort = peer.port;
    this.serverName = peer.serverName;
    this.#framer = new StreamFramer({
      message: (bytes) => ports.receive(bytes, this.#flowOnce()),
      ping: () => this.#write(pong),
    });
    this.#listen();
  }

  /** False once nothing more can be sent. */
  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** True if the target is this very connection, whoever is at its other end. */
  isFlowTo({ serverName, from }: Target): boolean {
    return serverName === undefined && from !== undefined && from.port === this.#socket.localPort;
  }

  /** Over TLS only what is for somebody the peer had to prove to be (RFC 5922 §7.3). */
  mayCarry({ protocol, serverName, address }: Target): boolean {
    return protocol !== 'tls' || (serverName ?? address) === this.serverName;
  }

  /** See `Transport.send`; while connecting, bytes wait. */
  send(bytes: Buffer, onError: OnError): void {
    if (!this.#write(bytes)) queueMicrotask(() => onError(new Error('connection closed or peer does not read')));
    else if (this.#unheard.length < maxUnheard) this.#unheard.push(onError);
  }

  /** Closes at once, telling no sender. */
  destroy(): void {
    this.#unheard = [];
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    const { limits } = this.#ports;
    socket.setNoDelay(true);
    const firstMs = Math.min(limits.messageTimeoutMs, limits.idleTimeoutMs);
    socket.setTimeout(socket.connecting ? limits.connectTimeoutMs : firstMs);
    const { protocol } = this.#ports;
    let isReady = !socket.connecting;
    socket.on(protocol === 'tls' ? 'secureConnect' : 'connect', () => {
      isReady = true;
      socket.setTimeout(limits.idleTimeoutMs);
    });
    socket.on('timeout', () => socket.destroy(isReady ? undefined : new Error('connect timed out')));
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => {
      this.#failure = error;
    });
    socket.on('close', () => this.#onClose());
  }

  #write(bytes: Buffer): boolean {
    if (!this.isOpen || this.#socket.writableLength + bytes.length > this.#ports.limits.queueBytes) return false;
    this.#socket.write(bytes);
    return true;
  }

  #onData(chunk: Buffer): void {
    if (this.#unheard.length > 0) this.#unheard = [];
    if (this.#framer.isBroken) return;
    this.#framer.push(chunk);
    if (this.#framer.isBroken) {
      this.#socket.end();
      this.#socket.setTimeout(farewellMs);
    } else this.#watchMessage();
  }

  /** A message that drips in byte by byte must not hold a connection for ever. */
  #watchMessage(): void {
    const { messageTimeoutMs, idleTimeoutMs } = this.#ports.limits;
    const wasMidMessage = this.#begunAt !== undefined;
    const now = performance.now();
    this.#begunAt = this.#framer.isMidMessage ? (this.#begunAt ?? now) : undefined;
    if (this.#begunAt !== undefined && now - this.#begunAt > messageTimeoutMs) this.#socket.destroy();
    else if (!wasMidMessage || this.#begunAt === undefined) {
      this.#socket.setTimeout(this.#begunAt === undefined ? idleTimeoutMs : messageTimeoutMs);
    }
  }

  /** A close without an error says nothing: the answer may come over another connection (RFC 3261 §18.2.2). */
  #onClose(): void {
    this.#ports.onClosed(this);
    const lost = this.#unheard;
    this.#unheard = [];
    const failure = this.#failure;
    if (failure !== undefined) for (const onError of lost) onError(failure);
  }

  #flowOnce(): Flow {
    this.#flow ??= {
      protocol: this.#ports.protocol,
      localAddress: this.#socket.localAddress ?? '',
      localPort: this.#socket.localPort ?? 0,
      remoteAddress: this.remoteAddress,
      remotePort: this.remotePort,
    };
    return this.#flow;
  }
}
