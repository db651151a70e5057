import { endOfLine, readHeaderLines } from './header-lines.ts';
import { Headers } from './headers.ts';
import { limits } from './limits.ts';
import { checkMandatory } from './mandatory-headers.ts';
import type { SipMessage } from './message.ts';
import { badHeader, ParseError } from './parse-error.ts';
import { parseStartLine, type RequestLine, type StatusLine } from './start-line.ts';
import { parseVia } from './via.ts';

export interface ParseOptions {
  /** The bytes come from a stream: Content-Length is mandatory and all of the body is there (RFC 3261 §18.3). */
  readonly stream?: boolean;
}

const noBody = Buffer.alloc(0);
/**
 * A line break or the end to some, text to others: refused unanswered, so that nothing of it is ever echoed. Only a
 * quoted-pair may hold a NUL (RFC 3261 §25.1).
 */
const strayBreak = /\r(?!\n)|(?<!\\)\0/;
const blankLine = Buffer.from('\r\n\r\n');

/** Reads one message (RFC 3261 §7) in time linear in its length. Throws ParseError and nothing else. */
export function parseMessage(bytes: Buffer, options: ParseOptions = {}): SipMessage {
  const from = skipLineBreaks(bytes);
  const blank = bytes.indexOf(blankLine, from);
  const headEnd = blank < 0 ? bytes.length : blank;
  if (headEnd - from > limits.headBytes) throw tooLarge(513, 'RFC 3261 §21.5.7', 'Message Too Large');
  // Bytes that are not UTF-8 become U+FFFD: header text is UTF-8 (RFC 3261 §7.3.1), nothing of ours depends on others.
  const head = bytes.toString('utf8', from, headEnd);
  if (strayBreak.test(head)) throw new ParseError({ code: 'bad_header_line', section: 'RFC 3261 §25.1' });
  const lineEnd = endOfLine(head, 0);
  const headers = new Headers();
  const startLine = parseStartLine(head.slice(0, lineEnd));
  const headerFault = readHeaderLines(head, lineEnd + 2, headers);
  const message = messageOf(startLine, headers);
  const fault = faultOf(startLine) ?? headerFault ?? checkEnd(blank) ?? checkMandatory(message);
  if (fault !== undefined) throw withPartial(fault, message);
  message.body = readBody(message, bytes, blank + 4, options.stream === true);
  return message;
}

/** Keep-alives may run ahead of a message (RFC 3261 §7.5). */
function skipLineBreaks(bytes: Buffer): number {
  let from = 0;
  while (bytes[from] === 0x0d && bytes[from + 1] === 0x0a) from += 2;
  return from;
}

function messageOf(line: RequestLine | StatusLine, headers: Headers): SipMessage {
  return line.kind === 'request'
    ? { kind: 'request', method: line.method, uri: line.uri, headers, body: noBody }
    : { kind: 'response', status: line.status, reason: line.reason, headers, body: noBody };
}

function faultOf(line: RequestLine | StatusLine): ParseError | undefined {
  return line.kind === 'request' ? line.fault : undefined;
}

function checkEnd(blank: number): ParseError | undefined {
  return blank < 0 ? new ParseError({ code: 'no_blank_line', section: 'RFC 3261 §7' }) : undefined;
}

/** DEVIATION (RFC 3261 §18.3): a datagram shorter than its Content-Length is taken with the bytes that are there. */
function readBody(message: SipMessage, bytes: Buffer, start: number, stream: boolean): Buffer {
  const text = message.headers.get('Content-Length');
  const present = bytes.length - start;
  if (text === undefined && !stream) return present === 0 ? noBody : bytes.subarray(start);
  const length = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  const fault = checkLength(length, present, stream);
  if (fault !== undefined) throw withPartial(fault, message);
  const body = bytes.subarray(start, start + length);
  // A message outlives the read buffer it came in; its body must not keep the whole of it alive.
  return stream ? Buffer.from(body) : body;
}

function checkLength(length: number, present: number, stream: boolean): ParseError | undefined {
  if (Number.isNaN(length)) return badHeader('Content-Length', 'RFC 3261 §18.3');
  if (length > limits.bodyBytes) return tooLarge(413, 'RFC 3261 §21.4.11', 'Request Entity Too Large');
  if (stream && length > present) return new ParseError({ code: 'body_too_short', section: 'RFC 3261 §18.3' });
  return undefined;
}

function tooLarge(status: number, section: string, reason: string): ParseError {
  return new ParseError({ code: 'too_large', status, section, reason });
}

/** Lets the receiver answer a request whose top Via tells where to (RFC 3261 §8.2.6). */
function withPartial(fault: ParseError, message: SipMessage): ParseError {
  if (message.kind === 'request' && hasUsableVia(message)) fault.partial = message;
  return fault;
}

function hasUsableVia(message: SipMessage): boolean {
  try {
    return message.headers.parsed('Via', parseVia) !== undefined;
  } catch {
    return false;
  }
}
