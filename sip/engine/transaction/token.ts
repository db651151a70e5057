import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const POOL_BYTES = 4096;

let pool = randomBytes(POOL_BYTES);
let used = 0;

/** Unguessable text of `length` characters from [a-z2-7], 5 bits each: fit for tags and branches (RFC 3261 §19.3). */
export function randomToken(length: number): string {
  if (used + length > POOL_BYTES) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  let token = '';
  for (const end = used + length; used < end; used += 1) token += ALPHABET[pool[used]! & 31];
  return token;
}

/** A tag for From or To: 80 bits. */
export const newTag = (): string => randomToken(16);

/** A branch, unique across space and time, with the magic cookie of RFC 3261 §8.1.1.7. */
export const newBranch = (): string => `z9hG4bK${randomToken(20)}`;
