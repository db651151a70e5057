import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { keepAnswer, takeIdempotencyKey } from '../../access/kept-answers.ts';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import { readBody } from '../postback/request-body.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';
import { principalOf } from './authenticate.ts';

export interface OnceDeps {
  readonly store: Store<{ takeIdempotencyKey: typeof takeIdempotencyKey; keepAnswer: typeof keepAnswer }>;
  readonly clock: Clock;
  readonly log: Logger;
}

const HEADER = 'idempotency-key';
const LONGEST_KEY = 255;

/** A POST with `Idempotency-Key` is carried out once in 24 hours; sent again, it gets the same answer. */
export function once(deps: OnceDeps): RequestHandler {
  return async (req, res, next) => {
    const key = req.headers[HEADER];
    if (req.method !== 'POST' || typeof key !== 'string') return next();
    if (key === '' || key.length > LONGEST_KEY) {
      throw new HttpProblem('query_invalid', `Idempotency-Key has 1 to ${LONGEST_KEY} characters.`);
    }
    const actor = principalOf(res).id;
    const requestHash = hashOf(req, (await readBody(req)).bytes);
    const taken = await deps.store.takeIdempotencyKey({ actor, key, requestHash, now: deps.clock.now() });
    if (taken.kind === 'again') {
      res.setHeader('idempotent-replayed', 'true');
      return sendJson(res, taken.httpStatus, JSON.parse(taken.bodyJson));
    }
    if (taken.kind === 'other_request') {
      throw new HttpProblem('idempotency_key_reused', 'This Idempotency-Key came with another request: use a new one.');
    }
    if (taken.kind === 'unanswered') {
      throw new HttpProblem(
        'idempotency_key_busy',
        'The first request with this Idempotency-Key has no answer yet: look whether it was carried out.',
      );
    }
    keepBeforeSending(deps, res, { actor, key });
    next();
  };
}

/** The answer is on disk before it leaves: what the client may have seen is what it gets again. */
function keepBeforeSending(
  { store, log }: OnceDeps,
  res: Response,
  { actor, key }: { actor: string; key: string },
): void {
  const end = res.end.bind(res) as (bytes?: unknown) => Response;
  res.end = ((bytes?: unknown) => {
    const isDone = res.statusCode < 400;
    const answer = isDone ? { httpStatus: res.statusCode, bodyJson: withoutToken(String(bytes ?? '{}')) } : undefined;
    store
      .keepAnswer({ actor, key, answer })
      .catch((err: unknown) => log.error({ err }, 'answer not kept for its Idempotency-Key'))
      .finally(() => end(bytes));
    return res;
  }) as Response['end'];
}

/** A token that is shown once is not kept either. */
function withoutToken(text: string): string {
  const body = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify('token_shown_once' in body ? { ...body, token_shown_once: null } : body);
}

function hashOf({ method, originalUrl }: Request, bytes: Buffer): string {
  return createHash('sha256').update(`${method} ${originalUrl}\n`).update(bytes).digest('hex');
}
