/** How SIP reaches us or a peer. */
export const SIP_TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type SipTransport = (typeof SIP_TRANSPORTS)[number];

/** User name and password for digest authentication (RFC 3261 §22). */
export interface SipLogin {
  readonly username: string;
  readonly password: string;
}

/** What a carrier logs in with; it is challenged with this digest and none weaker (RFC 8760). */
export interface CarrierLogin extends SipLogin {
  readonly algorithm: DigestAlgorithm;
}

export const DIGEST_ALGORITHMS = ['MD5', 'SHA-256'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** Who sends us calls: told by its addresses, by a login, or by both together. */
export interface Carrier {
  readonly id: string;
  readonly name: string;
  /** IP addresses and CIDR blocks its INVITEs come from; empty only if it logs in. */
  readonly addresses: readonly string[];
  readonly login: CarrierLogin | undefined;
  /** It may call by these only. */
  readonly transports: readonly SipTransport[];
  readonly maxConcurrentCalls: number | undefined;
  readonly maxCallsPerSecond: number | undefined;
  /** Where the dialled number stands: `request_uri`, `to`, or a header's name like `Diversion`. */
  readonly dialedNumberFrom: string;
  /** Where the caller's number stands. */
  readonly callerNumberFrom: 'from' | 'p_asserted_identity';
  /** ISO 3166-1 alpha-2: numbers without `+` are national numbers of this country; undefined: they only lack the `+`. */
  readonly country: string | undefined;
}
