import { formatParams, noParams, type Params, parseParams } from './params.ts';
import { badHeader, type ParseError } from './parse-error.ts';
import { endOfQuoted, quote, unquote } from './quoted.ts';

/** Value of From, To, Contact, Route … (RFC 3261 §20.10). The URI stays text; `*` is the Contact wildcard. */
export interface NameAddr {
  /** Without quotes and escapes. */
  readonly displayName?: string | undefined;
  readonly uri: string;
  /** Header parameters. Those of a URI without angle brackets count as these (RFC 3261 §20). */
  readonly params: Params;
}

/** Throws ParseError when quotes or brackets do not close or there is no URI. */
export function parseNameAddr(value: string): NameAddr {
  const text = value.trim();
  const nameEnd = text.startsWith('"') ? endOfQuoted(text, 0) : -1;
  if (text.startsWith('"') && nameEnd < 0) throw badNameAddr();
  const open = text.indexOf('<', nameEnd + 1);
  return open < 0 ? readAddrSpec(text, nameEnd) : readBracketed(text, open, nameEnd);
}

/** The tag of a From or To value; the first when there are two. */
export function tagOf(value: string): string | undefined {
  // Without quotes after the URI, what follows `;tag=` there can be nothing else; any other spelling is parsed in full.
  const tail = value.lastIndexOf('>') + 1;
  const at = value.indexOf(';tag=', tail);
  if (at >= 0 && !value.includes('"', tail)) {
    const end = value.indexOf(';', at + 1);
    return value.slice(at + 5, end < 0 ? value.length : end).trim();
  }
  return /tag/i.test(value) ? parseNameAddr(value).params.get('tag') : undefined;
}

/** The same value with this tag, any former tag gone. */
export function withTag(value: string, tag: string): string {
  if (tagOf(value) === undefined) return `${value};tag=${tag}`;
  const address = parseNameAddr(value);
  return formatNameAddr({ ...address, params: new Map(address.params).set('tag', tag) });
}

/** Always with angle brackets, so that parameters cannot change sides. */
export function formatNameAddr(address: NameAddr): string {
  const name = address.displayName === undefined ? '' : `${quote(address.displayName)} `;
  return `${name}<${address.uri}>${formatParams(address.params)}`;
}

function readBracketed(text: string, open: number, nameEnd: number): NameAddr {
  const close = text.indexOf('>', open);
  if (close < 0) throw badNameAddr();
  const uri = checkUri(text.slice(open + 1, close).trim());
  const params = paramsAfter(text, close + 1);
  const name = nameEnd > 0 ? unquote(text.slice(0, nameEnd + 1)) : text.slice(0, open).trim();
  return name === '' ? { uri, params } : { displayName: name, uri, params };
}

function readAddrSpec(text: string, nameEnd: number): NameAddr {
  if (nameEnd > 0) throw badNameAddr();
  const semicolon = text.indexOf(';');
  if (semicolon < 0) return { uri: checkUri(text), params: noParams };
  return { uri: checkUri(text.slice(0, semicolon).trim()), params: parseParams(text, semicolon) };
}

function paramsAfter(text: string, from: number): Params {
  const semicolon = text.indexOf(';', from);
  if (text.slice(from, semicolon < 0 ? text.length : semicolon).trim() !== '') throw badNameAddr();
  return semicolon < 0 ? noParams : parseParams(text, semicolon);
}

function checkUri(uri: string): string {
  if (uri !== '*' && (uri.indexOf(':') < 1 || /[\s<>"]/.test(uri))) throw badNameAddr();
  return uri;
}

function badNameAddr(): ParseError {
  return badHeader('Address', 'RFC 3261 §20.10');
}
