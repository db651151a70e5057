import { ParseError } from './parse-error.ts';
import { endOfQuoted } from './quoted.ts';

/** Parameters after `;` by lower-case name; the value as written, quotes included; undefined for a bare flag. */
export type Params = ReadonlyMap<string, string | undefined>;

export const noParams: Params = new Map();

/** Reads `;a=1;b` from `from` on. The first of two equal names wins: peers repeat `tag` (RFC 3261 §7.3.1 forbids it). */
export function parseParams(text: string, from: number): Params {
  let params: Map<string, string | undefined> | undefined;
  eachParam(text, from, (name, value) => {
    params ??= new Map();
    if (!params.has(name)) params.set(name, value);
  });
  return params ?? noParams;
}

/** Visits the parameters from `from` on, in order; see `Params` for the form of names and values. */
export function eachParam(text: string, from: number, visit: (name: string, value: string | undefined) => void): void {
  if (from < 0) return;
  const quoted = text.includes('"', from);
  for (let start = from; start < text.length; ) {
    const end = quoted ? endOfParam(text, start) : nextSemicolon(text, start);
    if (end > start) visitParam(text.slice(start, end), visit);
    start = end + 1;
  }
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

/** Index of the next semicolon outside quotes. */
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

function visitParam(param: string, visit: (name: string, value: string | undefined) => void): void {
  const equals = param.indexOf('=');
  const name = (equals < 0 ? param : param.slice(0, equals)).trim().toLowerCase();
  if (name !== '') visit(name, equals < 0 ? undefined : param.slice(equals + 1).trim());
}
