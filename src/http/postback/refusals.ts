import type { Request } from 'express';
import type { PostbackAnswer } from '../../calls/postback-answer.ts';
import { HttpProblem, type HttpProblemCode } from '../problem.ts';

export const POSTBACK_METHODS = ['GET', 'HEAD', 'POST'];

const CODES: Readonly<Record<number, HttpProblemCode>> = {
  400: 'revenue_ambiguous',
  404: 'call_unknown',
  410: 'call_purged',
  422: 'postback_refused',
};

/** What the call itself made of a postback (semantics §3), as problem details. */
export function refusal({ httpStatus, body }: PostbackAnswer): HttpProblem {
  if (httpStatus === 403) return keyRefused();
  if (httpStatus === 405) return methodNotAllowed(['POST']);
  return new HttpProblem(CODES[httpStatus] ?? 'postback_refused', body.reason ?? 'The postback was refused.');
}

/** Nobody learns which half was wrong. */
export function keyRefused(): HttpProblem {
  return new HttpProblem('key_refused', 'There is no such call, or the key does not belong to it.');
}

export function methodNotAllowed(allowed: readonly string[]): HttpProblem {
  return new HttpProblem('method_not_allowed', `Use ${allowed.join(', ')}.`, { allow: allowed.join(', ') });
}

/** Browsers and mail scanners that look ahead must not make money move (semantics §3). */
export function isPrefetch({ headers }: Request): boolean {
  const purposes = [headers['purpose'], headers['sec-purpose'], headers['x-purpose'], headers['x-moz']];
  return purposes.some((purpose) => typeof purpose === 'string' && /prefetch|prerender|preview/i.test(purpose));
}
