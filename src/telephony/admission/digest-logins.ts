import { hash, timingSafeEqual } from 'node:crypto';
import type { CarrierLogin, DigestAlgorithm } from '../../domain/carrier.ts';
import { peerKey } from '../../domain/network-block.ts';
import { userOfUri } from '../../domain/sip-address.ts';
import { TokenBuckets } from '../../domain/token-buckets.ts';
import type { CarrierWithLogin } from '../account-directory.ts';
import type { InviteRequest } from '../srf.ts';
import { type DigestCredentials, digestCredentials } from './digest-credentials.ts';
import { DigestNonces } from './digest-nonces.ts';

/** The realm carriers log in to; with it they may choose the password on their side. */
export const REALM = 'sip-postback-bridge';

/** Wrong passwords one address may send: so many at once, then one in ten seconds. */
const FAILURES = { burst: 10, perSecond: 0.1 };

export type LoginVerdict =
  | { readonly kind: 'accepted'; readonly carrier: CarrierWithLogin }
  /** No credentials, wrong ones, or right ones for a nonce that cannot be used any more: asked (again). */
  | { readonly kind: 'challenged'; readonly why: 'missing' | 'wrong' | 'stale'; readonly challenge: string }
  | { readonly kind: 'blocked'; readonly retryAfterSeconds: number };

const HASHES: Readonly<Record<DigestAlgorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/**
 * Digest login of carriers (RFC 3261 §22, RFC 8760, RFC 7616 §3.4): server side, `qop=auth`. Whether it is the user or the
 * password that is wrong can be told neither from the answer nor from the time it takes.
 */
export class DigestLogins {
  readonly #nonces: DigestNonces;
  readonly #now: () => number;
  readonly #failures = new TokenBuckets(FAILURES);

  constructor(secret: string, now: () => number) {
    this.#nonces = new DigestNonces(secret, now);
    this.#now = now;
  }

  /** Judges an INVITE that must come from one of these carriers. */
  check(req: InviteRequest, carriers: readonly CarrierWithLogin[]): LoginVerdict {
    const source = req.source_address;
    const peer = peerKey(source);
    const waitMs = this.#failures.wait(peer, this.#now());
    if (waitMs > 0) return { kind: 'blocked', retryAfterSeconds: Math.ceil(waitMs / 1000) };
    const credentials = digestCredentials(req.get('authorization'), REALM);
    if (credentials === undefined) return this.#challenged('missing', source, carriers);
    // Not looked at any further: else a guess could be tried with a nonce of one's own, uncounted.
    if (!this.#nonces.isFresh(credentials.nonce, source)) return this.#challenged('stale', source, carriers);
    const carrier = carriers.find(({ login }) => login.username === credentials.username);
    const isRight = isRightResponse(credentials, carrier?.login, req.method);
    if (carrier === undefined || !isRight || !namesSameUser(credentials.uri, req.uri)) {
      this.#failures.take(peer, this.#now());
      return this.#challenged('wrong', source, carriers);
    }
    if (!this.#nonces.use(credentials.nonce, Number.parseInt(credentials.nc, 16))) {
      return this.#challenged('stale', source, carriers);
    }
    return { kind: 'accepted', carrier };
  }

  #challenged(
    why: 'missing' | 'wrong' | 'stale',
    source: string,
    carriers: readonly CarrierWithLogin[],
  ): LoginVerdict & { kind: 'challenged' } {
    const nonce = this.#nonces.issue(source);
    return { kind: 'challenged', why, challenge: challengeFor(carriers, nonce, why === 'stale') };
  }
}

/**
 * The value of WWW-Authenticate. One challenge of the digest these carriers use; only where they differ there are two,
 * MD5 first: pjsip before 2.11, Kamailio's uac and SIPp look at the first one only, whatever RFC 8760 §2.3 says.
 */
function challengeFor(carriers: readonly CarrierWithLogin[], nonce: string, isStale: boolean): string {
  const wanted = new Set(carriers.map(({ login }) => login.algorithm));
  const challenges = (['MD5', 'SHA-256'] as const)
    .filter((algorithm) => wanted.has(algorithm))
    .map((algorithm) => {
      const stale = isStale ? ', stale=true' : '';
      return `Digest realm="${REALM}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale}`;
    });
  // A line each (RFC 3261 §7.3.1): drachtio-srf would join them, and writes a value as it is.
  return challenges.join('\r\nWWW-Authenticate: ');
}

/** A user nobody has is judged like one whose password is wrong, at the same cost. */
const NOBODY: CarrierLogin = { username: '', password: '', algorithm: 'MD5' };

function isRightResponse(credentials: DigestCredentials, login: CarrierLogin = NOBODY, method: string): boolean {
  const algorithm = credentials.algorithm.toUpperCase();
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return false;
  const digest = (...parts: readonly string[]) => hash(HASHES[algorithm], parts.join(':'));
  const { username, nonce, nc, cnonce, uri, response } = credentials;
  const secret = digest(username, REALM, login.password);
  const expected = Buffer.from(digest(secret, nonce, nc, cnonce, 'auth', digest(method, uri)));
  const given = Buffer.from(response.toLowerCase());
  return given.length === expected.length && timingSafeEqual(given, expected) && algorithm === login.algorithm;
}

/** Credentials for one number must not open another; proxies may have changed host and port (RFC 3261 §22.4). */
function namesSameUser(digestUri: string, requestUri: string): boolean {
  return userOfUri(digestUri) === userOfUri(requestUri);
}
