import { cseqOf } from './cseq.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { badHeader, ParseError } from './parse-error.ts';
import { parseVia } from './via.ts';

const mandatory = ['Via', 'From', 'To', 'Call-ID', 'CSeq'] as const;
const singletons = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Length'] as const;

/**
 * Checks what every message must carry (RFC 3261 §8.1.1) and returns the first fault.
 * DEVIATION (RFC 3261 §8.1.1): a missing Max-Forwards, Contact or From tag is accepted, old and simple peers omit them.
 */
export function checkMandatory(message: SipMessage): ParseError | undefined {
  for (const name of mandatory) if (!message.headers.has(name)) return missing(name);
  for (const name of singletons) if (message.headers.count(name) > 1) return duplicate(name);
  if (message.headers.get('Call-ID') === '') return badHeader('Call-ID', 'RFC 3261 §8.1.1.4');
  return (
    faultIn('Via', () => message.headers.parsed('Via', parseVia)) ??
    faultIn('From', () => message.headers.parsed('From', parseNameAddr)) ??
    faultIn('To', () => message.headers.parsed('To', parseNameAddr)) ??
    checkCSeq(message)
  );
}

function checkCSeq(message: SipMessage): ParseError | undefined {
  const fault = faultIn('CSeq', () => cseqOf(message));
  if (fault !== undefined || message.kind === 'response') return fault;
  const { method } = cseqOf(message);
  // DEVIATION (RFC 3261 §8.1.1.5): an ACK may say `CSeq: n INVITE`, as sipp scenarios do; its number is what matters.
  if (method === message.method || (message.method === 'ACK' && method === 'INVITE')) return undefined;
  return new ParseError({ code: 'cseq_mismatch', section: 'RFC 3261 §8.1.1.5', header: 'CSeq' });
}

function faultIn(name: string, read: () => unknown): ParseError | undefined {
  try {
    read();
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
