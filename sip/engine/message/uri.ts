import { BoundedCache } from './bounded-cache.ts';
import { formatHostPort, parseHostPort } from './host-port.ts';
import { formatParams, noParams, type Params, parseParams } from './params.ts';
import { ParseError } from './parse-error.ts';

export { isIp } from './host-port.ts';

/**
 * A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966), escapes left as written. Shared between callers: copy to change.
 * tel: the number is `user` and `host` is empty.
 */
export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly params: Params;
  readonly headers?: ReadonlyMap<string, string> | undefined;
}

const parsedUris = new BoundedCache<SipUri>(1_024);
const maxCachedLength = 256;

/** Throws ParseError `bad_uri`, or `unsupported_scheme` with 416 (RFC 3261 §8.2.2.1). */
export function parseSipUri(text: string): SipUri {
  const seen = parsedUris.get(text);
  if (seen !== undefined) return seen;
  const uri = readUri(text);
  if (text.length <= maxCachedLength) parsedUris.set(text, uri);
  return uri;
}

export function formatUri(uri: SipUri): string {
  if (uri.scheme === 'tel') return `tel:${uri.user ?? ''}${formatParams(uri.params)}`;
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const userInfo = uri.user === undefined ? '' : `${uri.user}${password}@`;
  return `${uri.scheme}:${userInfo}${formatHostPort(uri.host, uri.port)}${formatParams(uri.params)}${formatHeaders(uri)}`;
}

function readUri(text: string): SipUri {
  const colon = text.indexOf(':');
  if (colon < 1 || /[\s<>"\x00-\x1f\x7f]/.test(text)) throw badUri();
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme === 'tel') return readTelUri(text);
  if (scheme === 'sip' || scheme === 'sips') return readSipUri(scheme, text, colon + 1);
  throw new ParseError({
    code: 'unsupported_scheme',
    section: 'RFC 3261 §8.2.2.1',
    status: 416,
    reason: 'Unsupported URI Scheme',
  });
}

function readTelUri(text: string): SipUri {
  const semicolon = text.indexOf(';');
  const user = semicolon < 0 ? text.slice(4) : text.slice(4, semicolon);
  if (user === '') throw badUri();
  return { scheme: 'tel', user, host: '', params: semicolon < 0 ? noParams : parseParams(text, semicolon) };
}

/** `scheme:userinfo@host:port;params?headers`; a raw `@` can only end the user part (RFC 3261 §25.1). */
function readSipUri(scheme: 'sip' | 'sips', text: string, start: number): SipUri {
  const at = text.indexOf('@', start);
  const hostStart = at < 0 ? start : at + 1;
  const question = text.indexOf('?', hostStart);
  const end = question < 0 ? text.length : question;
  const hostEnd = firstOf(text, ';', hostStart, end);
  return {
    scheme,
    ...readUserInfo(at < 0 ? undefined : text.slice(start, at)),
    ...parseHostPort(text.slice(hostStart, hostEnd)),
    params: hostEnd === end ? noParams : parseParams(text.slice(hostEnd, end), 0),
    headers: question < 0 ? undefined : readUriHeaders(text.slice(question + 1)),
  };
}

function readUserInfo(userInfo: string | undefined): { user?: string; password?: string } {
  if (userInfo === undefined) return {};
  const colon = userInfo.indexOf(':');
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  if (user === '') throw badUri();
  return colon < 0 ? { user } : { user, password: userInfo.slice(colon + 1) };
}

function readUriHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const part of text.split('&')) {
    const equals = firstOf(part, '=', 0, part.length);
    if (equals > 0) headers.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return headers;
}

function formatHeaders(uri: SipUri): string {
  if (uri.headers === undefined || uri.headers.size === 0) return '';
  return `?${Array.from(uri.headers, ([name, value]) => `${name}=${value}`).join('&')}`;
}

function firstOf(text: string, mark: string, from: number, end: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 || at > end ? end : at;
}

function badUri(): ParseError {
  return new ParseError({ code: 'bad_uri', section: 'RFC 3261 §19.1.1' });
}
