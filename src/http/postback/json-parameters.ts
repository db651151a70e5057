import type { Parameter } from '../../domain/posted-data.ts';
import { parseJson } from '../parse-json.ts';
import { HttpProblem } from '../problem.ts';
import { checkedText, decodeUtf8 } from './url-parameters.ts';

/** The fields of a flat JSON object as parameters; a list gives its name several values. Throws HttpProblem. */
export function parseJsonParameters(bytes: Buffer): Parameter[] {
  const text = decodeUtf8(bytes);
  if (text.trim() === '') return [];
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpProblem('body_invalid', 'The JSON body must be an object of names and values.');
  }
  return Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((single): Parameter => [checkedText(name), checkedText(scalarText(name, single))]),
  );
}

function scalarText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return String(value);
  throw new HttpProblem('body_invalid', `"${name}" must be a text, a number, true, false, null or a list of these.`);
}
