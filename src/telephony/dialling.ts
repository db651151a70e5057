import type { Buyer } from '../domain/buyer.ts';
import type { Destination } from '../domain/destination.ts';
import type { Logger } from '../log.ts';
import type { AttemptResult, FailedAttempt } from './attempt.ts';
import type { SipApplication, UacOptions } from './srf.ts';

/** What an INVITE to a destination is made of. */
export interface Dial {
  readonly uri: string;
  /** For people and for the tag `endpoint`. */
  readonly shown: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: UacOptions['auth'];
  readonly proxy?: string | undefined;
}

/** One attempt, and whom it was for. */
export interface Tried<Result extends AttemptResult = AttemptResult> {
  /** 1-based, in the order dialled. */
  readonly seq: number;
  readonly buyer: Buyer | undefined;
  readonly at: Destination;
  readonly destination: string;
  readonly result: Result;
}

/** Circumstances of an INVITE. */
export interface DialHow {
  /** Nobody else rings at the same time. */
  readonly isAlone: boolean;
  /** The buyer's call, but at somebody else's address, which is not told uuid and key. */
  readonly isForeign?: boolean;
}

/** What a call lends to whoever dials for it. */
export interface Dialling {
  readonly sip: SipApplication;
  /** The caller's offer; empty for a delayed one. */
  readonly sdp: string;
  readonly now: () => number;
  readonly log: Logger;
  /** It is this buyer's turn: what is to be asked first, at most as long as the campaign lets the caller wait. */
  selected(buyer: Buyer): Promise<void>;
  /**
   * The INVITE for a destination; undefined, and noted, when it must not be dialled. `buyer` is absent for the last resort.
   */
  prepare(destination: Destination, buyer: Buyer | undefined, how: DialHow): Dial | undefined;
  /** The number of the next attempt. */
  nextSeq(): number;
  began(seq: number, buyer: Buyer | undefined, destination: string): void;
  failed(seq: number, result: FailedAttempt): void;
}
