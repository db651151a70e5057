import { HttpProblem } from './problem.ts';

/** JSON in which numbers keep the text they were sent as: `10.00` stays that. Throws HttpProblem `body_invalid`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value, context?: { source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    );
  } catch (error) {
    throw new HttpProblem('body_invalid', `The body is not JSON: ${(error as Error).message}`);
  }
}
