import { AppError } from './errors.ts';
import { formatMoney, MICROS_PER_UNIT, parseMoney } from './money.ts';

const HIGHEST_MICROS = 1_000_000 * MICROS_PER_UNIT;
const LONGEST_SHOWN = 40;

/** Rows of what a number is not, most telling first; the last one takes everything else. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  [/^-/, 'is negative'],
  [/^\d{1,3}(,\d{3})+(\.\d+)?$/, 'has a thousands separator'],
  [/^\d+,\d+$/, 'has a comma for the decimal point'],
  [/^\p{Sc}|\p{Sc}$/u, 'has a currency sign'],
  [/^\d+(\.\d+)?e[+-]?\d+$/i, 'has an exponent'],
  [/^\d+\.\d{5,}$/, 'has more than 4 decimals'],
  [/^(?!\d+(\.\d{1,4})?$)/, 'is not a number'],
];

/** Millionths of a revenue as a buyer posts it. Throws AppError for all but a plain decimal (semantics §3). */
export function parsePostedRevenue(text: string): number {
  const refusal = REFUSALS.find(([pattern]) => pattern.test(text));
  if (refusal !== undefined) throw refused(text, refusal[1]);
  const digits = text.replace(/^0+(?=\d)/, '');
  const micros = digits.length > 15 ? Number.POSITIVE_INFINITY : parseMoney(digits);
  if (micros > HIGHEST_MICROS) throw refused(text, `is more than ${formatMoney(HIGHEST_MICROS)}`);
  return micros;
}

function refused(text: string, why: string): AppError {
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return new AppError('revenue_invalid', `revenue "${shown}" ${why}: post a plain decimal like 10.00`);
}
