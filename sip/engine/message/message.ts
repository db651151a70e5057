import type { Headers } from './headers.ts';

/** A SIP request or response (RFC 3261 §7). The body is bytes; header values are text, structured only when somebody asks. */
export type SipMessage = SipRequest | SipResponse;

export interface SipRequest {
  readonly kind: 'request';
  /** Upper-case as on the wire; methods are case-sensitive (RFC 3261 §7.1). */
  method: string;
  uri: string;
  readonly headers: Headers;
  body: Buffer;
}

export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  status: number;
  reason: string;
  readonly headers: Headers;
  body: Buffer;
}
