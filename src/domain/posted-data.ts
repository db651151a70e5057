import { AppError } from './errors.ts';
import { parsePostedRevenue } from './posted-revenue.ts';

/** A decoded parameter of a postback, the key not among them. */
export type Parameter = readonly [name: string, value: string];

/** What a buyer posted, as the conversion rules read it. */
export interface PostedData {
  /** The `revenue` parameter as it was written, and in millionths. */
  readonly revenue: { readonly text: string; readonly micros: number } | undefined;
  /** Raw query string and form body without the key: where triggers are looked for. */
  readonly rawText: string;
}

/** Throws AppError `revenue_invalid`, or `revenue_ambiguous` if it is given twice with different values (semantics §3). */
export function readPostedData(parameters: readonly Parameter[], rawText: string): PostedData {
  const texts = parameters.filter(([name]) => name === 'revenue').map(([, value]) => value);
  const amounts = texts.map(parsePostedRevenue);
  if (amounts.some((amount) => amount !== amounts[0])) {
    throw new AppError('revenue_ambiguous', 'revenue is given several times with different values: send it once');
  }
  const [text] = texts;
  const [micros] = amounts;
  return { revenue: text === undefined || micros === undefined ? undefined : { text, micros }, rawText };
}
