import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const POOL_BYTES = 4096;

let pool = letters();
let used = 0;

/** Unguessable text of `length` characters from [a-z2-7], 5 bits each: fit for tags and branches (RFC 3261 §19.3). */
export function randomToken(length: number): string {
  if (used + length > POOL_BYTES) {
    pool = letters();
    used = 0;
  }
  used += length;
  // One flat string: text put together letter by letter would live on as a tree of its parts.
  return pool.toString('latin1', used - length, used);
}

function letters(): Buffer {
  const bytes = randomBytes(POOL_BYTES);
  for (let at = 0; at < POOL_BYTES; at += 1) bytes[at] = ALPHABET.charCodeAt(bytes[at]! & 31);
  return bytes;
}

/** A tag for From or To: 80 bits. */
export const newTag = (): string => randomToken(16);

/** A branch, unique across space and time, with the magic cookie of RFC 3261 §8.1.1.7. */
export const newBranch = (): string => `z9hG4bK${randomToken(20)}`;

/** Name of a transaction between engine and application, and of a call: 130 bits, letters and digits only. */
export const newId = (): string => randomToken(26);
