import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

const REMEMBERED = 10_000;
const known = new Map<string, string | undefined>();

/** True if numbers of this country (ISO 3166-1 alpha-2) can be read. */
export function isNumberingCountry(country: string): boolean {
  return isSupportedCountry(country);
}

/**
 * E.164 of digits as they are dialled inside a country: with trunk prefix (`030…`), without (`8005550100`), with the
 * international prefix (`00…`, `011…`) or with its country code. Undefined when its plan has no such number.
 */
export function nationalToE164(digits: string, country: string): string | undefined {
  const key = `${country} ${digits}`;
  if (known.has(key)) return known.get(key);
  const parsed = parsePhoneNumberFromString(digits, country as CountryCode);
  const number = parsed?.isPossible() ? parsed.number : undefined;
  if (known.size >= REMEMBERED) known.clear();
  known.set(key, number);
  return number;
}
