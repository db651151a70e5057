import type { Parameter } from '../../domain/posted-data.ts';
import { HttpProblem } from '../problem.ts';

/** One `name=value` of a query or form, as it came and decoded. */
export interface RawParameter {
  readonly raw: string;
  readonly decoded: Parameter;
}

const PERCENT_BYTE = /%([0-9a-fA-F]{2})/g;

/** The `&`-separated parameters of a query string or form body, in order. Throws HttpProblem for what is not UTF-8. */
export function parseUrlParameters(bytes: Buffer): RawParameter[] {
  const text = decodeUtf8(bytes);
  return text
    .split('&')
    .filter((raw) => raw !== '')
    .map((raw) => ({ raw, decoded: decodePair(raw) }));
}

/** Text that may be stored: whole characters and no NUL, which PostgreSQL cannot hold. Throws HttpProblem. */
export function checkedText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  throw new HttpProblem('encoding_invalid', 'A parameter has a NUL or half a character in it.');
}

function decodePair(raw: string): Parameter {
  const equals = raw.indexOf('=');
  if (equals < 0) return [decodeComponent(raw), ''];
  return [decodeComponent(raw.slice(0, equals)), decodeComponent(raw.slice(equals + 1))];
}

/** Form decoding (WHATWG URL §5.1), but strict about UTF-8; a `%` that starts no byte stands for itself. */
function decodeComponent(raw: string): string {
  const spaced = raw.replaceAll('+', ' ');
  if (!spaced.includes('%')) return checkedText(spaced);
  const bytes = Buffer.from(spaced, 'utf8').toString('latin1');
  const decoded = bytes.replace(PERCENT_BYTE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return checkedText(decodeUtf8(Buffer.from(decoded, 'latin1')));
}

export function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new HttpProblem('encoding_invalid', `A parameter is not UTF-8 (${(error as Error).message}).`);
  }
}
