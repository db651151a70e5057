/** `+` and 7 to 15 digits, the first not 0 (ITU-T E.164 §6.2). */
const E164 = /^\+[1-9]\d{6,14}$/;

/** True for a number as configuration and rows hold it, `+15558675309`. */
export function isE164(text: string): boolean {
  return E164.test(text);
}

/**
 * The E.164 number in the user part of a SIP or tel URI, or undefined. Visual separators (RFC 3966 §5.1.1) and user
 * parameters (`;npdi`) are dropped; a missing `+` is added, as many carriers leave it out.
 */
export function e164FromUser(user: string): string | undefined {
  const digits = (user.split(';', 1)[0] ?? '').replaceAll(/%2B/gi, '+').replaceAll(/[-.()\s]/g, '');
  const number = digits.startsWith('+') ? digits : `+${digits}`;
  return isE164(number) ? number : undefined;
}
