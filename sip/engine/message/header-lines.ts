import { splitList } from './header-list.ts';
import { canonicalName, isKnownName } from './header-names.ts';
import type { Headers } from './headers.ts';
import { limits } from './limits.ts';
import { badHeader, ParseError } from './parse-error.ts';
import { parseVia } from './via.ts';

/**
 * Reads the header lines of `head` from `from` on, unfolding them and giving each Via and Route its own entry
 * (RFC 3261 §7.3.1). Returns the first fault, having read what else could be read.
 */
export function readHeaderLines(head: string, from: number, headers: Headers): ParseError | undefined {
  let fault: ParseError | undefined;
  let lines = 0;
  for (let start = from; start < head.length; ) {
    const end = endOfFoldedLine(head, start);
    lines += 1;
    if (lines > limits.headerLines) return fault ?? tooLarge();
    const lineFault = readLine(head, start, end, headers);
    fault ??= lineFault;
    start = end + 2;
  }
  return fault;
}

/** Index of the CRLF that ends the line at `start`, or the end of the text. */
export function endOfLine(head: string, start: number): number {
  const end = head.indexOf('\r\n', start);
  return end < 0 ? head.length : end;
}

function endOfFoldedLine(head: string, start: number): number {
  let end = endOfLine(head, start);
  while (isBlank(head.charCodeAt(end + 2))) end = endOfLine(head, end + 2);
  return end;
}

function readLine(head: string, start: number, end: number, headers: Headers): ParseError | undefined {
  if (end - start > limits.lineLength) return tooLarge();
  const colon = head.indexOf(':', start);
  if (colon < 0 || colon >= end) return badLine();
  // A blank before the colon is legal (RFC 3261 §7.3.1); sipp scenarios have it.
  const rawName = trimmed(head, start, colon);
  const name = canonicalName(rawName);
  if (!isKnownName(name) && !isToken(rawName)) return badLine();
  const value = unfolded(trimmed(head, colon + 1, end));
  return value === undefined ? badLine() : addValue(name, value, headers);
}

const splitHeaders = new Set(['Via', 'Route', 'Record-Route']);

function addValue(name: string, value: string, headers: Headers): ParseError | undefined {
  if (!splitHeaders.has(name) || !value.includes(',')) {
    headers.append(name, value);
    return undefined;
  }
  const elements = splitList(value);
  for (const element of elements) headers.append(name, element);
  return name === 'Via' ? badElement(elements) : undefined;
}

function badElement(vias: readonly string[]): ParseError | undefined {
  try {
    for (const via of vias) parseVia(via);
    return undefined;
  } catch (cause) {
    return badHeader('Via', 'RFC 3261 §20.42', cause);
  }
}

/** One line of text, or undefined when a stray CR or LF is in it: that would be a line break to others. */
function unfolded(text: string): string | undefined {
  if (!text.includes('\n') && !text.includes('\r')) return text;
  const joined = text.replace(/\r\n[ \t]+/g, ' ');
  return /[\r\n]/.test(joined) ? undefined : joined;
}

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function isToken(text: string): boolean {
  return /^[\w.!%*+`'~-]+$/.test(text);
}

function badLine(): ParseError {
  return new ParseError({ code: 'bad_header_line', section: 'RFC 3261 §7.3.1' });
}

function tooLarge(): ParseError {
  return new ParseError({
    code: 'too_large',
    section: 'RFC 3261 §21.5.7',
    status: 513,
    reason: 'Message Too Large',
  });
}
