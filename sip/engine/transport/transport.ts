import type { SipMessage } from '../message/message.ts';
import type { KnownSources } from './receive/source-gate.ts';

export type Protocol = 'udp' | 'tcp' | 'tls';

/** Where a message came from or goes to: one UDP peer, or one open connection. */
export interface Flow {
  readonly protocol: Protocol;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** See `peerOf`; made once where a flow has many messages. */
  readonly peer?: Target;
}

/** Where a listening point can be reached; `advertised*` is what goes into Via and Contact. */
export interface ListeningPoint {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  readonly advertisedAddress: string;
  readonly advertisedPort: number;
}

/** A next hop after resolution (RFC 3263): address literal, never a name. */
export interface Target {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** TLS: the host of the URI, for which the peer must have a certificate; the address when missing (RFC 5922 §7.2). */
  readonly serverName?: string;
  /** Listening point to send from: a response leaves where its request came in (RFC 3581 §4). */
  readonly from?: { readonly address: string; readonly port: number };
  /** Where to connect once the connection with this peer is gone (RFC 3261 §18.2.2). */
  readonly otherwise?: Target;
}

/** What the layer above is told. Called synchronously, in wire order. */
export interface TransportUser {
  onMessage(message: SipMessage, flow: Flow): void;
  /** For the log: a message that was not SIP, or an error that `onMessage` threw. */
  onFault?(error: unknown, flow: Flow): void;
}

/** Sees the bytes of every message, for a log somebody asked for. */
export type Tap = (
  direction: 'received' | 'sent',
  bytes: Buffer,
  peer: { readonly protocol: Protocol; readonly address: string; readonly port: number },
) => void;

/** Counted since start; for the operator. */
export interface TransportCounters {
  received: number;
  sent: number;
  parseErrors: number;
  sendErrors: number;
  /** Requests that could not be read and were not even answered, there being too many. */
  refusalsOmitted: number;
  /** Connections not accepted: no TLS, no good certificate, too many. */
  connectionsRefused: number;
  /** What cannot even begin a message. */
  droppedDatagrams: number;
  /** Requests of known scanners, not looked at any further. */
  scannersDropped: number;
  /** Requests from unknown sources that get no answer. */
  strangersDropped: number;
}

export const noTrafficYet = (): TransportCounters => ({
  ...{ received: 0, sent: 0, parseErrors: 0, sendErrors: 0 },
  ...{ refusalsOmitted: 0, connectionsRefused: 0, droppedDatagrams: 0, scannersDropped: 0, strangersDropped: 0 },
});

/** What the system does with datagrams before we see them. */
export interface SocketState {
  /** Thrown away for want of room, since the sockets were opened. */
  readonly kernelDrops: number;
  /** Bytes that wait to be read in the fullest buffer of a UDP socket. */
  readonly receiveQueueBytes: number;
  /** Room for a burst, of the socket that has least; undefined without UDP. */
  readonly receiveBufferBytes: number | undefined;
}

/** Sends and receives whole SIP messages; knows nothing of transactions (RFC 3261 §18). */
export interface Transport {
  readonly listeningPoints: readonly ListeningPoint[];
  readonly counters: TransportCounters;
  tap?: Tap | undefined;
  /** True if requests from this address that belong to nothing we know are to get no answer. */
  ignores?(address: string): boolean;
  /** The listening point to send to this target from; undefined when none speaks the protocol. */
  listeningPointFor(target: Target): ListeningPoint | undefined;
  /**
   * Hands bytes to the network. `onError` is called later, at most once, when the network refused them
   * (ICMP unreachable, connect failure, reset); it is never called for mere silence.
   * TCP: reuses an open connection to the target, else connects.
   */
  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void;
  close(): Promise<void>;
}

/** What its operator may ask of it besides. */
export interface OperatedTransport extends Transport {
  socketState(): SocketState;
  /** Whose requests are answered from now on; undefined: everybody's. Throws a NetworkError. */
  knowSources(sources: KnownSources | undefined): void;
  /** Looks at once whether the TLS files were renewed; false when they cannot be used and the old ones stay. */
  reloadCertificates(): Promise<boolean>;
}
