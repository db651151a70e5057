import { createHash, randomBytes } from 'node:crypto';

/** 256 bits behind a prefix that scanners for leaked secrets can look for: 47 characters. */
const PREFIX = 'spb_';
const TOKEN_BYTES = 32;
const TEXT = /^spb_[\w-]{43}$/;

/** A token to be shown once: only its hash is kept. */
export function newApiToken(): string {
  return `${PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
}

export function looksLikeApiToken(text: string): boolean {
  return TEXT.test(text);
}

/** SHA-256, hex. The token is random and long, so that nothing slower is needed to keep it from being guessed. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
