import { cseqOf, parseCSeq } from './cseq.ts';
import { canonicalName } from './header-names.ts';
import type { Headers } from './headers.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { badHeader, ParseError } from './parse-error.ts';
import { parseVia } from './via.ts';

const mandatory = canonicalNames('Via', 'From', 'To', 'Call-ID', 'CSeq');
/** Via first, being the one that may repeat. */
const counted = [...mandatory, ...canonicalNames('Max-Forwards', 'Content-Length')];

/**
 * Checks what every message must carry (RFC 3261 §8.1.1) and returns the first fault.
 * DEVIATION (RFC 3261 §8.1.1): a missing Max-Forwards, Contact or From tag is accepted, old and simple peers omit them.
 */
export function checkMandatory(message: SipMessage): ParseError | undefined {
  const { headers } = message;
  const countFault = checkCounts(headers.countEach(counted));
  if (countFault !== undefined) return countFault;
  const callId = headers.get('Call-ID') ?? '';
  if (callId === '' || callId.includes('|')) return badHeader('Call-ID', 'RFC 3261 §8.1.1.4');
  return (
    faultIn(headers, 'Via', parseVia) ??
    faultIn(headers, 'From', parseNameAddr) ??
    checkFromTag(headers) ??
    faultIn(headers, 'To', parseNameAddr) ??
    checkCSeq(message)
  );
}

/**
 * Call-ID and From tag name a dialog to its application in one of the fields between `|`: with that character, which
 * neither may have (RFC 3261 §25.1), a caller could write another name there.
 */
function checkFromTag(headers: Headers): ParseError | undefined {
  const tag = headers.parsed('From', parseNameAddr)?.params.get('tag');
  return tag?.includes('|') === true ? badHeader('From', 'RFC 3261 §19.3') : undefined;
}

function checkCounts(counts: readonly number[]): ParseError | undefined {
  for (let at = 0; at < mandatory.length; at += 1) if (counts[at] === 0) return missing(mandatory[at]!);
  for (let at = 1; at < counts.length; at += 1) if (counts[at]! > 1) return duplicate(counted[at]!);
  return undefined;
}

function canonicalNames(...names: string[]): string[] {
  return names.map(canonicalName);
}

function checkCSeq(message: SipMessage): ParseError | undefined {
  const fault = faultIn(message.headers, 'CSeq', parseCSeq);
  if (fault !== undefined || message.kind === 'response') return fault;
  const { method } = cseqOf(message);
  // DEVIATION (RFC 3261 §8.1.1.5): an ACK may say `CSeq: n INVITE`, as sipp scenarios do; its number is what matters.
  if (method === message.method || (message.method === 'ACK' && method === 'INVITE')) return undefined;
  return new ParseError({ code: 'cseq_mismatch', section: 'RFC 3261 §8.1.1.5', header: 'CSeq' });
}

function faultIn(headers: Headers, name: string, parse: (text: string) => unknown): ParseError | undefined {
  try {
    headers.parsed(name, parse);
    return undefined;
  } catch (cause) {
    return badHeader(name, 'RFC 3261 §8.1.1', cause);
  }
}

function missing(header: string): ParseError {
  return new ParseError({ code: 'missing_header', section: 'RFC 3261 §8.1.1', header });
}

function duplicate(header: string): ParseError {
  return new ParseError({
    code: 'duplicate_header',
    section: 'RFC 3261 §7.3.1',
    reason: `Bad ${header} Header`,
    header,
  });
}
