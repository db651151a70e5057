import { nationalToE164 } from './national-number.ts';

/** `+` and 7 to 15 digits, the first not 0 (ITU-T E.164 §6.2). */
const E164 = /^\+[1-9]\d{6,14}$/;

/** True for a number as configuration and rows hold it, `+15558675309`. */
export function isE164(text: string): boolean {
  return E164.test(text);
}

/**
 * The E.164 number in the user part of a SIP or tel URI, or undefined. Visual separators (RFC 3966 §5.1.1) and user
 * parameters (`;npdi`) are dropped. One without `+` is a number of its `phone-context` (RFC 3966 §5.1.5) if it has one,
 * else a national number of this country (ISO 3166-1), else it only lacks the `+`, as many carriers leave it out.
 */
export function e164FromUser(user: string, country?: string): string | undefined {
  const [subscriber = '', ...parameters] = user.split(';');
  const digits = subscriber.replaceAll(/%2B/gi, '+').replaceAll(/[-.()\s]/g, '');
  if (digits.startsWith('+')) return valid(digits);
  if (!/^\d+$/.test(digits)) return undefined;
  const context = contextOf(parameters);
  if (context !== undefined) return valid(context + digits);
  return (country === undefined ? undefined : nationalToE164(digits, country)) ?? valid(`+${digits}`);
}

function valid(number: string): string | undefined {
  return isE164(number) ? number : undefined;
}

/** `phone-context=+44`: what a local number is to be put after. A domain name says nothing to us. */
function contextOf(parameters: readonly string[]): string | undefined {
  for (const parameter of parameters) {
    const context = /^\s*phone-context\s*=\s*(\+[\d().-]+)\s*$/i.exec(parameter)?.[1];
    if (context !== undefined) return context.replaceAll(/[().-]/g, '');
  }
  return undefined;
}
