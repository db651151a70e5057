import { splitList } from './header-list.ts';
import { canonicalName, knownName, wellKnownName } from './header-names.ts';
import type { Headers } from './headers.ts';
import { limits } from './limits.ts';
import { badHeader, ParseError } from './parse-error.ts';
import { parseVia } from './via.ts';

/**
 * Reads the header lines of `head` from `from` on, unfolding them and giving each Via and Route its own entry
 * (RFC 3261 §7.3.1). Returns the first fault, having read what else could be read, up to an LF without its CR.
 * The caller has made sure that no CR is without its LF.
 */
export function readHeaderLines(head: string, from: number, headers: Headers): ParseError | undefined {
  let fault: ParseError | undefined;
  let lines = 0;
  for (let start = from; start < head.length; ) {
    const lineEnd = endOfLine(head, start);
    const end = isBlank(head.charCodeAt(lineEnd + 2)) ? endOfFolds(head, lineEnd) : lineEnd;
    lines += 1;
    if (lines > limits.headerLines) return fault ?? tooLarge();
    if (head.charCodeAt(end) !== 0x0d && end < head.length) return fault ?? badLine();
    const lineFault = readLine(head, start, end, end > lineEnd, headers);
    fault ??= lineFault;
    start = end + 2;
  }
  return fault;
}

/** Index of the line break that ends the line at `start`, or the end of the text. */
export function endOfLine(head: string, start: number): number {
  const end = head.indexOf('\n', start);
  return end < 0 ? head.length : end - 1;
}

/** End of the last line that continues this one. */
function endOfFolds(head: string, lineEnd: number): number {
  let end = lineEnd;
  while (isBlank(head.charCodeAt(end + 2))) end = endOfLine(head, end + 2);
  return end;
}

function readLine(head: string, start: number, end: number, folded: boolean, headers: Headers): ParseError | undefined {
  if (end - start > limits.lineLength) return tooLarge();
  const colon = head.indexOf(':', start);
  if (colon < 0 || colon >= end) return badLine();
  const name = wellKnownName(head, start, colon) ?? unusualName(head, start, colon);
  if (name === undefined) return badLine();
  if (!folded) return addValue(name, trimmed(head, colon + 1, end), headers);
  const joined = head.slice(colon + 1, end).replace(/\r\n[ \t]+/g, ' ');
  return joined.includes('\n') ? badLine() : addValue(name, trimmed(joined, 0, joined.length), headers);
}

/** A blank before the colon is legal (RFC 3261 §7.3.1); sipp scenarios have it. */
function unusualName(head: string, start: number, colon: number): string | undefined {
  const raw = trimmed(head, start, colon);
  return knownName(raw) ?? (isToken(raw) ? canonicalName(raw) : undefined);
}

function addValue(name: string, value: string, headers: Headers): ParseError | undefined {
  const isHopList = name === 'Via' || name === 'Route' || name === 'Record-Route';
  if (!isHopList || !value.includes(',')) {
    headers.appendCanonical(name, value);
    return undefined;
  }
  const elements = splitList(value);
  if (headers.size + elements.length > limits.headerLines) return tooLarge();
  for (const element of elements) headers.appendCanonical(name, element);
  return name === 'Via' ? badElement(elements) : undefined;
}

/** A list of Vias is checked whole: stray separators in it must not pass for hops (RFC 4475 §3.1.2.1). */
function badElement(vias: readonly string[]): ParseError | undefined {
  try {
    for (const via of vias) parseVia(via);
    return undefined;
  } catch (cause) {
    return badHeader('Via', 'RFC 3261 §20.42', cause);
  }
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
