import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';
import { AppError, HTTP_STATUS_OF_KIND } from '../domain/errors.ts';
import { sendJson } from './send-json.ts';

/** What the HTTP edge itself refuses, with its status; the business's own codes are in domain/errors.ts. */
export const HTTP_PROBLEMS = {
  already_there: 409,
  body_invalid: 400,
  body_too_large: 413,
  call_purged: 410,
  call_unknown: 404,
  content_type_unsupported: 415,
  delivery_unknown: 404,
  encoding_invalid: 400,
  fields_invalid: 422,
  idempotency_key_busy: 409,
  idempotency_key_reused: 422,
  internal_error: 500,
  key_ambiguous: 400,
  key_missing: 401,
  key_refused: 403,
  match_failed: 412,
  match_missing: 428,
  method_not_allowed: 405,
  not_found: 404,
  operator_refused: 403,
  operator_token_missing: 401,
  parameters_too_many: 400,
  postback_refused: 422,
  query_invalid: 400,
  revenue_ambiguous: 400,
  scope_missing: 403,
  too_many_requests: 429,
  webhook_off: 409,
  webhook_unknown: 404,
} as const satisfies Record<string, number>;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;

const RETRY_UNAVAILABLE_SECONDS = '5';

/** A request that is answered with problem details (RFC 9457). */
export class HttpProblem extends Error {
  readonly code: HttpProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'HttpProblem';
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return HTTP_PROBLEMS[this.code];
  }
}

/** Answers with what an error means to the client; true if it is our fault and belongs into the log. */
export function sendProblem(res: Response, error: unknown): boolean {
  if (error instanceof HttpProblem) {
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
    answer(res, error.status, error.code, error.message);
    return false;
  }
  if (error instanceof AppError) {
    const status = HTTP_STATUS_OF_KIND[error.kind];
    if (status === 503) res.setHeader('retry-after', RETRY_UNAVAILABLE_SECONDS);
    answer(res, status, error.code, status === 503 ? 'Nothing was changed. Please try again.' : error.message);
    return status >= 500;
  }
  answer(res, 500, 'internal_error', 'Nothing is known to have changed. Please try again.');
  return true;
}

function answer(res: Response, status: number, code: string, detail: string): void {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail };
  sendJson(res, status, problem, 'application/problem+json');
}
