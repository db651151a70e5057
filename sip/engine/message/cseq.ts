import type { SipMessage } from './message.ts';
import { badHeader, ParseError } from './parse-error.ts';

/** CSeq value (RFC 3261 §20.16). Shared between callers. */
export interface CSeq {
  /** Below 2^31 (RFC 3261 §8.1.1.5). */
  readonly number: number;
  readonly method: string;
}

const maxSequence = 2 ** 31 - 1;

/** Throws ParseError `bad_header` for CSeq. */
export function parseCSeq(value: string): CSeq {
  const words = /^(\d{1,10})[ \t]+([\w.!%*+`'~-]+)$/.exec(value);
  const number = Number(words?.[1] ?? Number.NaN);
  if (words === null || number > maxSequence) throw badHeader('CSeq', 'RFC 3261 §8.1.1.5');
  return { number, method: words[2]! };
}

/** CSeq of a message, parsed once; throws ParseError when there is none, which a parsed message never lacks. */
export function cseqOf(message: SipMessage): CSeq {
  const cseq = message.headers.parsed('CSeq', parseCSeq);
  if (cseq === undefined) throw new ParseError({ code: 'missing_header', section: 'RFC 3261 §8.1.1', header: 'CSeq' });
  return cseq;
}
