import { isUnspecified } from './address/address-kind.ts';
import { Advertiser } from './address/advertise.ts';
import { choosePoint } from './address/choose-point.ts';
import { networkMatcher } from './address/local-networks.ts';
import { EndOfTurn } from './end-of-turn.ts';
import type { Endpoint, ListenRequest, Receive } from './endpoint.ts';
import { kernelQueue } from './kernel-queue.ts';
import type { Log } from './log.ts';
import { openEndpoints } from './open-endpoints.ts';
import { Receiver } from './receive/receiver.ts';
import { type KnownSources, SourceGate } from './receive/source-gate.ts';
import { defaultStreamLimits, type StreamLimits } from './stream/connection.ts';
import { ConnectionPool } from './stream/connection-pool.ts';
import { ConnectionQuota } from './stream/connection-quota.ts';
import { openTcp } from './stream/tcp.ts';
import { openTls } from './stream/tls.ts';
import { TlsCredentials, TlsCredentialsError, type TlsOptions } from './stream/tls-credentials.ts';
import {
  type ListeningPoint,
  noTrafficYet,
  type OperatedTransport,
  type SocketState,
  type Tap,
  type Target,
  type TransportUser,
} from './transport.ts';
import { openUdp, wantedBufferBytes } from './udp.ts';

export type { ListenRequest } from './endpoint.ts';
export { responseTarget } from './response-target.ts';

export interface TransportOptions {
  readonly listen: readonly ListenRequest[];
  readonly user: TransportUser;
  readonly streams?: Partial<StreamLimits>;
  /** Needed to listen on TLS and to call by it. */
  readonly tls?: TlsOptions | undefined;
  /** Networks whose peers are told the address they see, not the advertised one: `10.0.0.0/8` … */
  readonly localNetworks?: readonly string[] | undefined;
  /** Whose requests are answered; everybody's when missing. */
  readonly knownSources?: KnownSources | undefined;
  /** Of the thread that all of this runs in; one of its own unless given. */
  readonly endOfTurn?: EndOfTurn;
  readonly log?: Log;
}

/** Opens all listening points or none; rejects with the system's error. Messages arrive from then on (RFC 3261 §18). */
export async function openTransport(options: TransportOptions): Promise<OperatedTransport> {
  const credentials = options.tls && (await TlsCredentials.load(options.tls, options.log ?? (() => {})));
  const transport = new TransportLayer(options, credentials);
  try {
    await transport.open(options.listen);
  } catch (error) {
    credentials?.close();
    throw error;
  }
  return transport;
}

class TransportLayer implements OperatedTransport {
  tap: Tap | undefined;
  readonly counters = noTrafficYet();
  readonly #credentials: TlsCredentials | undefined;
  readonly #log: Log;
  readonly #endOfTurn: EndOfTurn;
  readonly #gate: SourceGate;
  readonly #receiver: Receiver;
  readonly #limits: StreamLimits;
  #endpoints = new Map<ListeningPoint, Endpoint>();
  #points: readonly ListeningPoint[] = [];
  readonly #isLocal: ((address: string) => boolean) | undefined;
  #advertiser: Advertiser;

  constructor(options: TransportOptions, credentials: TlsCredentials | undefined) {
    this.#credentials = credentials;
    this.#log = options.log ?? (() => {});
    this.#endOfTurn = options.endOfTurn ?? new EndOfTurn();
    const networks = options.localNetworks ?? [];
    this.#isLocal = networks.length === 0 ? undefined : networkMatcher(networks);
    this.#advertiser = new Advertiser(this.#isLocal, new Set());
    this.#limits = { ...defaultStreamLimits, ...options.streams };
    this.#gate = new SourceGate(options.knownSources);
    this.#receiver = new Receiver({
      gate: this.#gate,
      log: this.#log,
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
    const limits = this.#limits;
    const streams = () => ({
      ...{ pool: new ConnectionPool(), quota: new ConnectionQuota(limits.maxConnectionsPerAddress) },
      ...{ limits, receive, onRefused: this.#onRefused },
    });
    const tcp = streams();
    const tls = streams();
    const endpoints = await openEndpoints(requests, (request) => {
      if (request.protocol === 'udp') return openUdp(request, receive, this.#endOfTurn);
      if (request.protocol === 'tcp') return openTcp(request, tcp);
      if (this.#credentials === undefined) throw new TlsCredentialsError('TLS needs a certificate and a key file');
      return openTls(request, this.#credentials, tls);
    });
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.point, endpoint]));
    const points = endpoints.map((endpoint) => endpoint.point);
    const isGuessed = ({ address }: ListeningPoint, at: number): boolean =>
      isUnspecified(address) && requests[at]?.advertisedAddress === undefined;
    this.#advertiser = new Advertiser(this.#isLocal, new Set(points.filter(isGuessed)));
    this.#points = points;
    this.#warnOfSmallBuffers();
  }

  listeningPointFor(target: Target): ListeningPoint | undefined {
    const point = choosePoint(this.#points, target);
    return point && this.#advertiser.viewFor(point, target);
  }

  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void {
    const fail = (error: Error): void => {
      this.counters.sendErrors += 1;
      const { protocol, address, port, serverName } = target;
      this.#log('warn', 'message not sent', { err: error, peer: `${protocol}/${address}:${port}`, serverName });
      onError(error);
    };
    const point = choosePoint(this.#points, target);
    const endpoint = point && this.#endpoints.get(point);
    if (endpoint === undefined) {
      queueMicrotask(() => fail(new Error(`no listening point for ${target.protocol} to ${target.address}`)));
      return;
    }
    this.counters.sent += 1;
    this.#gate.noteSent(target.address);
    this.tap?.('sent', bytes, target);
    endpoint.send(bytes, target, fail);
  }

  readonly #onRefused = (err: Error, address: string): void => {
    this.counters.connectionsRefused += 1;
    this.#log('info', 'connection refused', { err, peer: address });
  };

  ignores(address: string): boolean {
    return this.#gate.ignores(address);
  }

  knowSources(sources: KnownSources | undefined): void {
    this.#gate.know(sources);
  }

  socketState(): SocketState {
    const buffers = [...this.#endpoints.values()]
      .map((each) => each.receiveBufferBytes)
      .filter((each) => each !== undefined);
    const { drops, waitingBytes } = kernelQueue(this.#points.filter(({ protocol }) => protocol === 'udp'));
    return {
      kernelDrops: drops,
      receiveQueueBytes: waitingBytes,
      receiveBufferBytes: buffers.length === 0 ? undefined : Math.min(...buffers),
    };
  }

  async reloadCertificates(): Promise<boolean> {
    return (await this.#credentials?.reloadIfChanged()) ?? true;
  }

  async close(): Promise<void> {
    const endpoints = [...this.#endpoints.values()];
    this.#endpoints = new Map();
    this.#points = [];
    this.#credentials?.close();
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }

  #warnOfSmallBuffers(): void {
    const { receiveBufferBytes: granted } = this.socketState();
    if (granted === undefined || granted >= wantedBufferBytes) return;
    const remedy = `sysctl -w net.core.rmem_max=${wantedBufferBytes}`;
    this.#log('warn', 'UDP receive buffer is small, bursts will be lost', {
      granted,
      wanted: wantedBufferBytes,
      remedy,
    });
  }
}
