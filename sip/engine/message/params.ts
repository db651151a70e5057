import { ParseError } from './parse-error.ts';
import { endOfQuoted } from './quoted.ts';

/** Parameters after `;` by lower-case name; the value as written, quotes included; undefined for a bare flag. */
export type Params = ReadonlyMap<string, string | undefined>;

export const noParams: Params = new Map();

/** Reads `;a=1;b` from `from` on. The first of two equal names wins: peers repeat `tag` (RFC 3261 §7.3.1 forbids it). */
export function parseParams(text: string, from: number): Params {
  if (from < 0 || from >= text.length) return noParams;
  const params = new Map<string, string | undefined>();
  const quoted = text.includes('"', from);
  for (let start = from; start < text.length; ) {
    const end = quoted ? endOfParam(text, start) : nextSemicolon(text, start);
    addParam(params, text, start, end);
    start = end + 1;
  }
  return params;
}

export function formatParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

function nextSemicolon(text: string, from: number): number {
  const at = text.indexOf(';', from);
  return at < 0 ? text.length : at;
}

function endOfParam(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x3b) return at;
    if (code === 0x22) at = closingQuote(text, at);
  }
  return text.length;
}

function closingQuote(text: string, open: number): number {
  const close = endOfQuoted(text, open);
  if (close < 0) throw new ParseError({ code: 'bad_header', section: 'RFC 3261 §25.1' });
  return close;
}

function addParam(params: Map<string, string | undefined>, text: string, start: number, end: number): void {
  let equals = text.indexOf('=', start);
  if (equals < 0 || equals > end) equals = end;
  const name = text.slice(start, equals).trim().toLowerCase();
  if (name === '' || params.has(name)) return;
  params.set(name, equals === end ? undefined : text.slice(equals + 1, end).trim());
}
