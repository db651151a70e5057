import { isIP, isIPv6 } from 'node:net';
import { ParseError } from './parse-error.ts';

/** `host` is a name or an address literal; an IPv6 literal is kept without its brackets. */
export interface HostPort {
  readonly host: string;
  readonly port?: number | undefined;
}

/** True for an IPv4 or IPv6 literal, the latter with or without brackets. */
export function isIp(host: string): boolean {
  return isIP(bareHost(host)) !== 0;
}

/** An IPv6 reference without its brackets; anything else as it is. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** `hostport` of a URI or a Via (RFC 3261 §25.1), blanks around the colon allowed as in Via (RFC 4475 §3.1.1.1). */
export function parseHostPort(text: string): HostPort {
  const trimmed = text.trim();
  const close = trimmed.startsWith('[') ? trimmed.indexOf(']') : -1;
  const colon = trimmed.indexOf(':', close + 1);
  // Three colons are two: the grammar itself errs so (RFC 5118 §4.10).
  const host = bareHost((colon < 0 ? trimmed : trimmed.slice(0, colon)).trim()).replace(':::', '::');
  if (!isHost(host, close > 0)) throw badHost();
  return { host, port: colon < 0 ? undefined : parsePort(trimmed.slice(colon + 1).trim()) };
}

export function formatHostPort(host: string, port?: number): string {
  const text = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? text : `${text}:${port}`;
}

/** Underscores are no part of a hostname, but of what container networks call their hosts. */
function isHost(host: string, bracketed: boolean): boolean {
  return bracketed ? isIPv6(host) : /^[\w.-]+$/.test(host);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) throw badHost();
  return port;
}

function badHost(): ParseError {
  return new ParseError({ code: 'bad_uri', section: 'RFC 3261 §25.1' });
}
