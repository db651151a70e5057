import { Headers } from '../message/headers.ts';
import type { SipMessage } from '../message/message.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
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
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = readHeaders(lines);
  const response = STATUS_LINE.exec(startLine);
  if (response !== null) {
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  }
  const request = REQUEST_LINE.exec(startLine);
  if (request === null) return undefined;
  return { kind: 'request', method: request[1]!.toUpperCase(), uri: request[2]!, headers, body };
}

function readHeaders(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    // A bare CR or LF would start a line of its own on the wire.
    if (colon > 0 && !/[\r\n]/.test(line)) headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return headers;
}
