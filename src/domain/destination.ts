import type { SipLogin } from './carrier.ts';

/** Where a buyer is reached: its own SIP address, or a number behind a gateway. */
export type Destination = SipDestination | NumberDestination;

/** A SIP address of the buyer's own: its INVITE carries uuid and key (semantics §2). */
export interface SipDestination {
  readonly kind: 'sip';
  /** `sip:` or `sips:` URI; its user part may hold `[tokens]`. */
  readonly uri: string;
  readonly login: SipLogin | undefined;
  /** More headers for the INVITE; values may hold `[tokens]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** OPTIONS are sent so often; undefined: never, it counts as healthy. */
  readonly healthCheckSeconds: number | undefined;
}

/** A telephone number, dialled through a gateway: uuid and key stay here (semantics §2). */
export interface NumberDestination {
  readonly kind: 'number';
  /** E.164 with `+`. */
  readonly number: string;
  readonly gatewayId: string;
}

/** Outbound trunk towards the telephone network. */
export interface Gateway {
  readonly id: string;
  readonly name: string;
  /** `sip:` or `sips:` URI without a user part: the number is put there. */
  readonly uri: string;
  readonly login: SipLogin | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** `+15551234567`, `15551234567`, or as dialled inside the country, `5551234567`. */
  readonly numberFormat: 'e164_plus' | 'e164' | 'national';
  readonly callerId: CallerId;
  /** It is trusted with P-Asserted-Identity, also of callers who hide their number (RFC 3325 §5). */
  readonly trusted: boolean;
  readonly healthCheckSeconds: number | undefined;
}

/** The caller's number that the other side is shown: the caller's own, or always this one (E.164). */
export type CallerId = { readonly kind: 'pass' } | { readonly kind: 'replace'; readonly number: string };
