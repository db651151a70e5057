import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a challenge may be answered. */
export const NONCE_LIFETIME_MS = 300_000;
const REMEMBERED = 20_000;

interface Used {
  readonly issuedAt: number;
  /** The highest nonce count so far. */
  count: number;
}

/**
 * Nonces nobody else can make and nothing is kept of until one is used (RFC 7616 §3.3): time, chance, and an HMAC over
 * both and the address they were given to. Of used ones the count is kept, so that none can be used twice.
 */
export class DigestNonces {
  readonly #key: Buffer;
  readonly #now: () => number;
  readonly #remembered: number;
  readonly #used = new Map<string, Used>();
  /** Nonces up to this time of which nothing is known may have been forgotten: they count as used. */
  #forgottenUpTo = 0;

  /** Nodes with the same secret know each other's nonces, but not which of them were used. */
  constructor(secret: string, now: () => number, remembered = REMEMBERED) {
    this.#key = createHmac('sha256', secret).update('sip digest nonces').digest();
    this.#now = now;
    this.#remembered = remembered;
  }

  issue(address: string): string {
    const head = `${this.#now().toString(36)}.${randomBytes(9).toString('base64url')}`;
    return `${head}.${this.#seal(head, address)}`;
  }

  /** True for one we gave to this address and that is not too old. */
  isFresh(nonce: string, address: string): boolean {
    const [time = '', chance = '', seal = ''] = nonce.split('.');
    const expected = Buffer.from(this.#seal(`${time}.${chance}`, address));
    const given = Buffer.from(seal);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    const age = this.#now() - issuedAt(nonce);
    return age >= 0 && age <= NONCE_LIFETIME_MS;
  }

  /** Notes that a fresh nonce was used with this count; false if that may have happened before. */
  use(nonce: string, count: number): boolean {
    const used = this.#used.get(nonce);
    if (used !== undefined) {
      if (count <= used.count) return false;
      used.count = count;
      return true;
    }
    if (count < 1 || issuedAt(nonce) <= this.#forgottenUpTo) return false;
    this.#used.set(nonce, { issuedAt: issuedAt(nonce), count });
    this.#forgetOldest();
    return true;
  }

  /** A Map keeps the order of insertion. */
  #forgetOldest(): void {
    if (this.#used.size <= this.#remembered) return;
    const [oldest] = this.#used;
    if (oldest === undefined) return;
    this.#used.delete(oldest[0]);
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, oldest[1].issuedAt);
  }

  #seal(head: string, address: string): string {
    return createHmac('sha256', this.#key).update(`${head} ${address}`).digest('base64url').slice(0, 22);
  }
}

function issuedAt(nonce: string): number {
  return Number.parseInt(nonce, 36); // up to the first dot
}
