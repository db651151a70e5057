/** A process that bridges SIP calls, to be measured. */
export interface BenchTarget {
  readonly name: string;
  /** Starts it so that a call from 127.0.0.1 is bridged to the SIPp buyer on `buyerPort` of 127.0.0.1 (UDP). */
  start(buyerPort: number): Promise<RunningTarget>;
}

export interface RunningTarget {
  /** Where it takes calls, on 127.0.0.1 (UDP). */
  readonly sipPort: number;
  readonly pid: number;
  /** The number to dial, if it matters. */
  readonly dialedNumber?: string;
  stop(): Promise<void>;
}

/** A process that takes postbacks, to be measured. */
export interface PostbackTarget {
  readonly name: string;
  start(): Promise<RunningPostbackTarget>;
}

export interface RunningPostbackTarget {
  /** `http://127.0.0.1:8080` */
  readonly baseUrl: string;
  readonly pid: number;
  /** Path and query of a postback not sent before, so that each has something to store. Called once a request. */
  nextPostbackPath(): string;
  stop(): Promise<void>;
}
