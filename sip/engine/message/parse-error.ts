import type { SipRequest } from './message.ts';

/** Stable names of what can be wrong with received text; for logs and tests. */
export type ParseErrorCode =
  | 'bad_start_line'
  | 'bad_version'
  | 'bad_header_line'
  | 'bad_header'
  | 'missing_header'
  | 'duplicate_header'
  | 'cseq_mismatch'
  | 'no_blank_line'
  | 'body_too_short'
  | 'too_large'
  | 'bad_uri'
  | 'unsupported_scheme';

export interface ParseErrorDetails {
  readonly code: ParseErrorCode;
  /** Where the rule is, e.g. `RFC 3261 §8.1.1`. */
  readonly section: string;
  /** What a request that breaks it is answered with; 400 unless given. */
  readonly status?: number;
  /** Reason phrase of that answer. */
  readonly reason?: string;
  /** Canonical name of the header at fault. */
  readonly header?: string;
  readonly cause?: unknown;
}

/** Received text is not SIP as we take it. `message` is the reason phrase for the answer. */
export class ParseError extends Error {
  readonly code: ParseErrorCode;
  readonly section: string;
  readonly status: number;
  readonly header: string | undefined;
  /** What was read, when it was a request with a usable top Via: enough to answer it (RFC 3261 §8.2.6). */
  partial: SipRequest | undefined;

  constructor(details: ParseErrorDetails) {
    super(details.reason ?? 'Bad Request', { cause: details.cause });
    this.name = 'ParseError';
    this.code = details.code;
    this.section = details.section;
    this.status = details.status ?? 400;
    this.header = details.header;
    this.partial = undefined;
  }
}

/** The error for a header whose value cannot be read. */
export function badHeader(header: string, section: string, cause?: unknown): ParseError {
  return new ParseError({ code: 'bad_header', section, reason: `Bad ${header} Header`, header, cause });
}
