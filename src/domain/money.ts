import { AppError } from './errors.ts';

/** Money is a whole number of millionths of the account's currency (style §3.5). */
export const MICROS_PER_UNIT = 1_000_000;

const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** Millionths of a plain decimal such as `50.00`. Throws AppError. */
export function parseMoney(text: string): number {
  const [, units, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (units === undefined) throw new AppError('amount_invalid', `"${text}" is not an amount like 50.00`);
  return Number(units) * MICROS_PER_UNIT + Number(fraction.padEnd(6, '0'));
}

/** `10.00`: at least 2 places, more only where they say something (`10.1234`). */
export function formatMoney(micros: number): string {
  const magnitude = Math.abs(micros);
  const units = Math.floor(magnitude / MICROS_PER_UNIT);
  const fraction = String(magnitude % MICROS_PER_UNIT)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${micros < 0 ? '-' : ''}${units}.${fraction}`;
}
