import type { Flow, ListeningPoint, Protocol, Target } from './transport.ts';

/** A listening point to open; port 0 takes a free one. */
export interface ListenRequest {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** What peers reach it by, when that is not the bound address. */
  readonly advertisedAddress?: string;
  readonly advertisedPort?: number;
}

/** One open socket that listens: what every transport protocol implements. */
export interface Endpoint {
  readonly point: ListeningPoint;
  /** UDP: what the kernel gave. */
  readonly receiveBufferBytes?: number;
  /** See `Transport.send`. */
  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void;
  close(): Promise<void>;
}

/** Takes the bytes of one message; never throws. */
export type Receive = (bytes: Buffer, flow: Flow) => void;
