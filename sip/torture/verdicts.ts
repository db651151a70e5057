import { invalidSyntax } from './rfc4475-invalid.ts';
import { semantics } from './rfc4475-semantics.ts';
import { validSyntax } from './rfc4475-valid.ts';
import { ipv6 } from './rfc5118.ts';
import type { Verdict } from './verdict.ts';

/**
 * What becomes of each message of RFC 4475 and RFC 5118. The files are byte for byte those of RFC 4475's Appendix A, but
 * for `baddn`, and the printed text of RFC 5118.
 */
export const verdicts: readonly Verdict[] = [...validSyntax, ...invalidSyntax, ...semantics, ...ipv6];
export type { Verdict } from './verdict.ts';
