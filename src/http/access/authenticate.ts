import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { findPrincipal } from '../../access/api-tokens.ts';
import type { Clock } from '../../clock.ts';
import { adminNamed, type Principal } from '../../domain/access.ts';
import { hashOfToken, looksLikeApiToken } from '../../domain/api-token.ts';
import { TokenBuckets } from '../../domain/token-buckets.ts';
import type { Store } from '../../store/store.ts';
import { HttpProblem } from '../problem.ts';
import { isLoopback, limitedNetwork, sourceAddress } from '../source-address.ts';

export interface AuthenticationDeps {
  readonly store: Store<{ findPrincipal: typeof findPrincipal }>;
  readonly clock: Clock;
  /** The setting's token: good for everything. Without one whoever sits at this machine needs none. */
  readonly operatorToken?: string | undefined;
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
/** Wrong tokens of one sender. */
const MOST_FAILURES = { burst: 20, perSecond: 0.5 };

/** Finds out who asks, for `principalOf`. Throws HttpProblem 401, 403 or 429. */
export function authenticate(deps: AuthenticationDeps): RequestHandler {
  const failures = new TokenBuckets(MOST_FAILURES);
  return async (req, res, next) => {
    res.locals['principal'] = await principal(deps, failures, req);
    next();
  };
}

/** Who asks; only behind `authenticate`. */
export function principalOf(res: Response): Principal {
  return res.locals['principal'] as Principal;
}

async function principal(deps: AuthenticationDeps, failures: TokenBuckets, req: Request): Promise<Principal> {
  const [, given] = /^bearer +(\S+) *$/i.exec(req.headers.authorization ?? '') ?? [];
  if (given === undefined) return withoutToken(deps, req);
  const { operatorToken, store, clock } = deps;
  if (operatorToken !== undefined && isSame(given, operatorToken)) return adminNamed('operator token');
  const now = clock.now();
  const sender = limitedNetwork(sourceAddress(req));
  const waitMs = failures.wait(sender, now);
  if (waitMs > 0) throw tooMany(waitMs);
  const known = looksLikeApiToken(given)
    ? await store.findPrincipal({ tokenHash: hashOfToken(given), now })
    : undefined;
  if (known !== undefined) return known;
  failures.take(sender, now);
  throw new HttpProblem('operator_refused', 'Wrong token.');
}

/** The Host must be loopback too, else a web page could reach us under a name of its own (DNS rebinding). */
function withoutToken({ operatorToken }: AuthenticationDeps, req: Request): Principal {
  if (operatorToken !== undefined) {
    throw new HttpProblem(
      'operator_token_missing',
      'Send the operator token, or an API token, as Authorization: Bearer.',
      {
        'www-authenticate': 'Bearer',
      },
    );
  }
  if (isLoopback(req) && LOOPBACK_HOST.test(req.headers.host ?? '')) return adminNamed('this machine');
  throw new HttpProblem(
    'operator_refused',
    'No token came with the request: only this machine itself may come in without.',
  );
}

function tooMany(waitMs: number): HttpProblem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new HttpProblem('too_many_requests', `Too many wrong tokens: try again in ${seconds} s.`, {
    'retry-after': String(seconds),
  });
}

function isSame(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
