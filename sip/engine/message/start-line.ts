import { ParseError } from './parse-error.ts';

/** `fault`: the line was understood well enough to answer the request, but not to serve it. */
export interface RequestLine {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly fault?: ParseError | undefined;
}

export interface StatusLine {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

/** First line of a message (RFC 3261 §7.1, §7.2). Throws ParseError when it is neither kind. */
export function parseStartLine(line: string): RequestLine | StatusLine {
  return line.startsWith('SIP/') ? readStatusLine(line) : readRequestLine(line);
}

function readStatusLine(line: string): StatusLine {
  const code = Number(line.slice(8, 11));
  const shaped = line.startsWith('SIP/2.0 ') && /^\d{3}$/.test(line.slice(8, 11));
  const separated = line.length === 11 || line.charCodeAt(11) === 0x20;
  if (!shaped || !separated || code < 100 || code > 699) {
    throw new ParseError({ code: 'bad_start_line', section: 'RFC 3261 §7.2' });
  }
  return { kind: 'response', status: code, reason: line.slice(12) };
}

function readRequestLine(raw: string): RequestLine {
  const line = raw.trimEnd(); // RFC 4475 §3.1.2.10
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = line.slice(0, first);
  if (first < 1 || !isMethod(method)) throw new ParseError({ code: 'bad_start_line', section: 'RFC 3261 §7.1' });
  const uri = line.slice(first + 1, Math.max(last, first + 1)).trim();
  const fault = versionFault(line.slice(last + 1)) ?? requestUriFault(uri);
  return fault === undefined ? { kind: 'request', method, uri } : { kind: 'request', method, uri, fault };
}

const commonMethods = new Set('INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE INFO REFER NOTIFY'.split(' '));

/** Extension methods are tokens too (RFC 3261 §7.1). */
function isMethod(text: string): boolean {
  return commonMethods.has(text) || (text.length <= 64 && /^[\w.!%*+`'~-]+$/.test(text));
}

/** The version is compared letter case aside; what is not even SIP gets 400, not 505 (RFC 3261 §7.1). */
function versionFault(version: string): ParseError | undefined {
  if (version === 'SIP/2.0' || version.toUpperCase() === 'SIP/2.0') return undefined;
  if (!/^SIP\/\d+\.\d+$/i.test(version)) return new ParseError({ code: 'bad_start_line', section: 'RFC 3261 §7.1' });
  return new ParseError({
    code: 'bad_version',
    section: 'RFC 3261 §21.5.6',
    status: 505,
    reason: 'Version Not Supported',
  });
}

function requestUriFault(uri: string): ParseError | undefined {
  if (uri !== '' && !/[\s<>"]/.test(uri)) return undefined;
  return new ParseError({ code: 'bad_uri', section: 'RFC 3261 §7.1', reason: 'Bad Request-URI' });
}
