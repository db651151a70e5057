import type { Parameter } from '../../domain/posted-data.ts';
import { HttpProblem } from '../problem.ts';
import { checkedText, decodeUtf8 } from './url-parameters.ts';

/** The fields of a flat JSON object as parameters; a list gives its name several values. Throws HttpProblem. */
export function parseJsonParameters(bytes: Buffer): Parameter[] {
  const text = decodeUtf8(bytes);
  if (text.trim() === '') return [];
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpProblem('body_invalid', 'The JSON body must be an object of names and values.');
  }
  return Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((single): Parameter => [checkedText(name), checkedText(scalarText(name, single))]),
  );
}

/** Numbers keep the text they were sent as: `10.00` stays that, and `1e3` is refused later like anywhere else. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value, context?: { source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    );
  } catch (error) {
    throw new HttpProblem('body_invalid', `The body is not JSON: ${(error as Error).message}`);
  }
}

function scalarText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return String(value);
  throw new HttpProblem('body_invalid', `"${name}" must be a text, a number, true, false, null or a list of these.`);
}
