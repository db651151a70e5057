import { choosePoint } from './choose-point.ts';
import { defaultStreamLimits, type StreamLimits } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Endpoint, ListenRequest, Receive } from './endpoint.ts';
import { openEndpoints } from './open-endpoints.ts';
import { Receiver } from './receiver.ts';
import { openTcp } from './tcp.ts';
import type { ListeningPoint, Tap, Target, Transport, TransportCounters, TransportUser } from './transport.ts';
import { openUdp } from './udp.ts';

export type { ListenRequest } from './endpoint.ts';
export { responseTarget } from './response-target.ts';

export interface TransportOptions {
  readonly listen: readonly ListenRequest[];
  readonly user: TransportUser;
  readonly streams?: Partial<StreamLimits>;
}

/** Opens all listening points or none; rejects with the system's error. Messages arrive from then on (RFC 3261 §18). */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const transport = new TransportLayer(options);
  await transport.open(options.listen);
  return transport;
}

class TransportLayer implements Transport {
  tap: Tap | undefined;
  readonly counters: TransportCounters = { received: 0, sent: 0, parseErrors: 0, sendErrors: 0 };
  readonly #receiver: Receiver;
  readonly #limits: StreamLimits;
  #endpoints = new Map<ListeningPoint, Endpoint>();
  #points: readonly ListeningPoint[] = [];

  constructor(options: TransportOptions) {
    this.#limits = { ...defaultStreamLimits, ...options.streams };
    this.#receiver = new Receiver({
      user: options.user,
      counters: this.counters,
      send: (bytes, target) => this.send(bytes, target, () => {}),
    });
  }

  get listeningPoints(): readonly ListeningPoint[] {
    return this.#points;
  }

  async open(requests: readonly ListenRequest[]): Promise<void> {
    const receive: Receive = (bytes, flow) => {
      // The user has us only once all are open, and wants nothing any more once they are closed.
      if (this.#points.length === 0) return;
      this.tap?.('received', bytes, { protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort });
      this.#receiver.receive(bytes, flow);
    };
    const tcp = { pool: new ConnectionPool(), limits: this.#limits, receive };
    const endpoints = await openEndpoints(requests, (request) => {
      if (request.protocol === 'udp') return openUdp(request, receive);
      if (request.protocol === 'tcp') return openTcp(request, tcp);
      throw new Error(`cannot listen on ${request.protocol}`);
    });
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.point, endpoint]));
    this.#points = endpoints.map((endpoint) => endpoint.point);
  }

  listeningPointFor(target: Target): ListeningPoint | undefined {
    return choosePoint(this.#points, target);
  }

  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void {
    const fail = (error: Error): void => {
      this.counters.sendErrors += 1;
      onError(error);
    };
    const point = this.listeningPointFor(target);
    const endpoint = point && this.#endpoints.get(point);
    if (endpoint === undefined) {
      queueMicrotask(() => fail(new Error(`no listening point for ${target.protocol} to ${target.address}`)));
      return;
    }
    this.counters.sent += 1;
    this.tap?.('sent', bytes, target);
    endpoint.send(bytes, target, fail);
  }

  async close(): Promise<void> {
    const endpoints = [...this.#endpoints.values()];
    this.#endpoints = new Map();
    this.#points = [];
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
}
