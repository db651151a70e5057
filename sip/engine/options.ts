import type { Load, OverloadLimits } from './overload/overload-guard.ts';
import type { CollectedMessage } from './trace/message-collector.ts';
import type { Log } from './transaction/log.ts';
import type { TimerSettings } from './transaction/timer-settings.ts';
import type { TransactionCounters } from './transaction/transaction-counters.ts';
import type { KnownSources } from './transport/receive/source-gate.ts';
import type { TlsOptions } from './transport/stream/tls-credentials.ts';
import type { ListeningPoint, Protocol, SocketState, TransportCounters } from './transport/transport.ts';

export interface EngineOptions {
  /** SIP listening points; port 0 takes a free one. */
  readonly listen: readonly {
    readonly protocol: Protocol;
    readonly address: string;
    readonly port: number;
    /** What peers are told in Via and Contact; the address itself unless given. */
    readonly advertisedAddress?: string;
    readonly advertisedPort?: number;
  }[];
  /** Networks (`10.0.0.0/8`) whose peers are told the address they see instead of the advertised one. */
  readonly localNetworks?: readonly string[];
  /**
   * Those we expect calls from. Scanners' requests from elsewhere are dropped unread; with `others: 'ignore'` so is every
   * request that begins something, and nothing is sent in return. Missing: everybody is known.
   */
  readonly knownSources?: KnownSources;
  /** Where applications connect. */
  readonly control: { readonly address: string; readonly port: number };
  /** What applications must know. */
  readonly secret: string;
  /** Needed for listening points of TLS. */
  readonly tls?: TlsOptions | undefined;
  readonly timers?: TimerSettings;
  /** Send in-dialog requests where the peer is seen rather than where its Contact says; default true. */
  readonly natAid?: boolean;
  /** Refuse overlapping re-INVITEs and CSeq running backwards; default true. */
  readonly strictOrder?: boolean;
  /** The shortest session interval taken, in seconds; default 90, and less breaks RFC 4028 §5. */
  readonly minSessionSeconds?: number;
  /** How long calls that are up outlive their application; default 0: they are hung up at once. */
  readonly releaseAfterMs?: number;
  /** How long a call may ring before it is refused 480; default: for ever. */
  readonly ringingLimitMs?: number;
  /**
   * Send longer requests by TCP, if we listen on it, and by UDP only when nobody takes them there. RFC 3261 §18.1.1 has
   * 1300; not set, they go by UDP in fragments, as carriers expect.
   */
  readonly udpMaxRequestBytes?: number;
  /** Above what new calls are answered 503 so that those in progress are served. */
  readonly overloadLimits?: Partial<OverloadLimits>;
  /** Nothing else runs in this thread: under load it may sleep for a millisecond or two, so that input gathers. */
  readonly ownsThread?: boolean;
  /** Logs the messages of calls in which this text occurs, a number, a Call-ID …; see also `trace` of the handle. */
  readonly trace?: string;
  /** Is handed every SIP message that has a Call-ID, secrets masked, a few hundred at a time. */
  readonly collect?: (messages: readonly CollectedMessage[]) => void;
  /** Headers that a trace does not show, besides those of SIP that carry credentials. */
  readonly secretHeaders?: readonly string[];
  readonly log?: Log;
}

/** How much is going on right now, and what went through since start. */
export interface EngineStats {
  readonly dialogs: number;
  readonly clientTransactions: number;
  readonly serverTransactions: number;
  /** Requests waiting for their application, and requests of ours waiting for the network. */
  readonly incoming: number;
  readonly outgoing: number;
  /** Requests on their way through the proxy. */
  readonly proxied: number;
  readonly timers: number;
  readonly applications: number;
  /** How hard the thread worked in the last tenth of a second. */
  readonly load: Readonly<Load>;
  /** Share of new calls taken, 1 unless overloaded. */
  readonly admittedShare: number;
  /** Of the engine's thread. */
  readonly heapBytes: number;
  readonly transactions: Readonly<TransactionCounters>;
  readonly transport: Readonly<TransportCounters & SocketState>;
}

export interface EngineHandle {
  readonly listeningPoints: readonly ListeningPoint[];
  readonly controlPort: number;
  stats(): EngineStats;
  /** Logs the SIP messages of calls in which `text` occurs, secrets masked, until called again; undefined ends it. */
  trace(text: string | undefined): void;
  /** Other known sources from now on; throws for what is no network. */
  knowSources(sources: KnownSources | undefined): void;
  /** Looks at once, rather than within seconds, whether the TLS files were renewed; false when they cannot be used. */
  reloadCertificates(): Promise<boolean>;
  /** Lets go of all sockets; calls that are up are not hung up. */
  close(): Promise<void>;
}
