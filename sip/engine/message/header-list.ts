import type { Headers } from './headers.ts';
import { endOfQuoted } from './quoted.ts';

/** Splits a comma-separated value, minding quotes and angle brackets (RFC 3261 §7.3.1). Empty elements stay. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return [value];
  const elements: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code === 0x2c) {
      elements.push(value.slice(start, at).trim());
      start = at + 1;
    } else if (code === 0x22) at = skipTo(endOfQuoted(value, at), value);
    else if (code === 0x3c) at = skipTo(value.indexOf('>', at), value);
  }
  elements.push(value.slice(start).trim());
  return elements;
}

/** All elements of all lines of a list header such as Contact or Supported, empty ones left out. */
export function listOf(headers: Headers, name: string): string[] {
  return headers
    .getAll(name)
    .flatMap(splitList)
    .filter((element) => element !== '');
}

function skipTo(close: number, value: string): number {
  return close < 0 ? value.length : close;
}
