import { canonicalName, wellKnownName } from '../message/header-names.ts';
import { Headers } from '../message/headers.ts';
import type { SipMessage } from '../message/message.ts';

const CRLF = '\r\n';
const HEAD_END = Buffer.from('\r\n\r\n');
const STRAY_BREAK = /\r(?!\n)|(?<!\r)\n/;
const REQUEST_LINE = /^([^\s]+) (\S+) SIP\/2\.0$/;
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/;

/**
 * Reads what drachtio-srf writes: no Via, lines without a colon to be skipped, and a Content-Length that counts UTF-16
 * units, so that everything after the blank line is body. Undefined when the first line is neither request nor response.
 */
export function parseApplicationMessage(bytes: Buffer): SipMessage | undefined {
  const blank = bytes.indexOf(HEAD_END);
  const head = bytes.toString('utf8', 0, blank < 0 ? bytes.length : blank);
  // Copied, because a body outlives the read buffer it came in.
  const body = Buffer.from(bytes.subarray(blank < 0 ? bytes.length : blank + HEAD_END.length));
  const lineEnd = endOfLine(head, 0);
  const startLine = head.slice(0, lineEnd);
  const headers = readHeaders(head, lineEnd + CRLF.length);
  const response = STATUS_LINE.exec(startLine);
  if (response !== null) {
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  }
  const request = REQUEST_LINE.exec(startLine);
  if (request === null) return undefined;
  return { kind: 'request', method: request[1]!.toUpperCase(), uri: request[2]!, headers, body };
}

function readHeaders(head: string, from: number): Headers {
  const headers = new Headers();
  const isClean = !STRAY_BREAK.test(head);
  let colon = -1;
  for (let start = from, end: number; start < head.length; start = end + CRLF.length) {
    end = endOfLine(head, start);
    if (colon < start) colon = head.indexOf(':', start);
    if (colon < 0) break;
    // A bare CR or LF would start a line of its own on the wire.
    const isLine = colon > start && colon < end && (isClean || !/[\r\n]/.test(head.slice(start, end)));
    if (isLine) addLine(head, start, colon, end, headers);
  }
  return headers;
}

function addLine(head: string, start: number, colon: number, end: number, headers: Headers): void {
  const name = wellKnownName(head, start, colon) ?? canonicalName(head.slice(start, colon).trim());
  headers.appendCanonical(name, head.slice(colon + 1, end).trim());
}

function endOfLine(head: string, from: number): number {
  const end = head.indexOf(CRLF, from);
  return end < 0 ? head.length : end;
}
