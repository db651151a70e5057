import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIpv6Literal } from './address/address-kind.ts';
import { listeningPointOf } from './address/advertised-address.ts';
import type { EndOfTurn } from './end-of-turn.ts';
import type { Endpoint, ListenRequest, Receive } from './endpoint.ts';
import type { ListeningPoint, Target } from './transport.ts';
import { UdpFlows } from './udp-flows.ts';

/** Asked of the kernel, which may give less: room for a burst while the thread is busy. */
export const wantedBufferBytes = 4 * 1024 * 1024;
/** Keep-alives of peers are CRLF, CRLFCRLF or zeros; no SIP message is as short (RFC 5626 §3.5.1). */
const longestKeepAlive = 4;

/** Binds a UDP socket; rejects when the address is taken or not ours. */
export async function openUdp(request: ListenRequest, receive: Receive, endOfTurn: EndOfTurn): Promise<Endpoint> {
  const family = isIpv6Literal(request.address) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    ipv6Only: family === 6,
    // Targets are literals of this family already: no look-up, no turn of the event loop between two sends.
    lookup: (host, _options, done) => done(null, host, family),
  });
  await bind(socket, request);
  enlargeBuffers(socket);
  return new UdpEndpoint(socket, listeningPointOf(request, socket.address().port), receive, endOfTurn);
}

interface Datagram {
  readonly bytes: Buffer;
  readonly target: Target;
  onError(error: Error): void;
}

/**
 * SIP over UDP (RFC 3261 §18). Errors the kernel gives at once (no route, too long) reach `onError`. "Port unreachable"
 * does not: Linux tells it to an unconnected socket only under IP_RECVERR, which Node cannot set, so a closed port
 * looks like silence and the transaction's timer decides.
 * DEVIATION (RFC 3261 §18.1.1): unless `udpMaxRequestBytes` is set, a request above the path MTU is not moved to TCP;
 * carriers expect fragments.
 */
class UdpEndpoint implements Endpoint {
  readonly point: ListeningPoint;
  readonly receiveBufferBytes: number;
  readonly #socket: Socket;
  readonly #receive: Receive;
  readonly #endOfTurn: EndOfTurn;
  readonly #flows: UdpFlows;
  #outbox: Datagram[] = [];

  constructor(socket: Socket, point: ListeningPoint, receive: Receive, endOfTurn: EndOfTurn) {
    this.#socket = socket;
    this.receiveBufferBytes = socket.getRecvBufferSize();
    this.point = point;
    this.#flows = new UdpFlows(point);
    this.#receive = receive;
    this.#endOfTurn = endOfTurn;
    socket.on('message', (bytes, peer) => this.#onDatagram(bytes, peer));
    // Not tied to a peer or a send, and the socket stays usable.
    socket.on('error', () => {});
  }

  /** Datagrams of one turn leave one right after the other: it is the first that costs waking their receiver. */
  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void {
    if (this.#outbox.length === 0) this.#endOfTurn.do(this.#flush);
    this.#endOfTurn.count();
    this.#outbox.push({ bytes, target, onError });
  }

  readonly #flush = (): void => {
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const datagram of outbox) this.#send(datagram);
  };

  #send({ bytes, target, onError }: Datagram): void {
    try {
      this.#socket.send(bytes, target.port, target.address, (error) => error && onError(error));
    } catch (error) {
      queueMicrotask(() => onError(error as Error));
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #onDatagram(bytes: Buffer, peer: RemoteInfo): void {
    if (bytes.length <= longestKeepAlive) return;
    this.#receive(bytes, this.#flows.from(peer.address, peer.port));
  }
}

async function bind(socket: Socket, request: ListenRequest): Promise<void> {
  // The look-up above answers at once, so the event may come before bind() returns.
  const listening = once(socket, 'listening');
  socket.bind({ address: request.address, port: request.port, exclusive: true });
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(wantedBufferBytes);
    socket.setSendBufferSize(wantedBufferBytes);
  } catch {
    // The system's own size will do.
  }
}
