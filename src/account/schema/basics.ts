import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isE164 } from '../../domain/phone-number.ts';
import { parseTagMatch } from '../../domain/tag-match.ts';

/** Pieces of the account file that several parts share. Every message says what to write instead. */

export const id = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/,
    'write an id of letters, digits, "-" and "_", 64 at most, like "acme-west"',
  );
export const name = z.string().min(1, 'write a name').max(100, 'shorten the name to 100 characters');
export const seconds = z
  .number('write a number of seconds')
  .int('write whole seconds')
  .min(0, 'write 0 or more seconds');
export const count = z.number('write a number').int('write a whole number').min(1, 'write 1 or more');

export const money = z
  .union([z.string(), z.number()], 'write an amount like 50.00')
  .transform(String)
  .refine((text) => /^\d{1,7}(\.\d{1,4})?$/.test(text), 'write a plain amount like 50.00, at most 4 decimals');

export const tags = z
  .record(
    z
      .string()
      .regex(/^(?!system_)[^\s]{1,64}$/, 'tag names have no blanks, 64 characters at most, and do not start "system_"'),
    z.union([z.string(), z.number().transform(String), z.array(z.string())], 'write a value or a list of values'),
  )
  .transform((set) => Object.fromEntries(Object.entries(set).map(([key, value]) => [key, [value].flat()])))
  .default({});

/** Turns a domain parser that throws into a zod transformation with its message. */
export function parsedBy<Output>(parse: (text: string) => Output) {
  return (text: string, context: z.RefinementCtx): Output => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  };
}

export const matches = z
  .array(z.string('write a condition like "state==CA"').transform(parsedBy(parseTagMatch)))
  .default([]);

export const address = z
  .string()
  .refine(
    (text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text),
    'write an IP address or a block like 203.0.113.0/24',
  );

export const e164 = z
  .string('put the number in quotes: "+18005550100"')
  .refine(isE164, 'write the number in E.164: "+18005550100"');

export const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^(UTC|[A-Za-z_]+\/.+)$/.test(zone);
  } catch {
    return false;
  }
}, 'write an IANA time zone like America/New_York, or UTC');

export const login = z.strictObject({
  username: z.string().regex(/^[^\s":\\]+$/, 'write a user name without blanks, quotes and ":"'),
  password: z.string('put the password in quotes').min(1, 'write the password'),
});

/** The number the other side is shown: `pass` (the caller's own) or one of ours. */
export const callerId = z
  .union([z.literal('pass'), e164], 'write pass, or a number like "+18005550100"')
  .transform((value) => (value === 'pass' ? { kind: 'pass' as const } : { kind: 'replace' as const, number: value }))
  .default({ kind: 'pass' });
