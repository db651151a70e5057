import type { Dial } from '../dialling.ts';
import type { SipApplication } from '../srf.ts';

/** What a transfer is carried out with. */
export interface Transferring {
  readonly sip: SipApplication;
  readonly dial: Dial;
  readonly ringTimeoutMs: number;
  readonly now: () => number;
  /** Written down with the call. */
  began(destination: string): void;
  answered(): void;
  failed(status: number, reason: string): void;
}
