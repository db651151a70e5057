import type { Request } from 'express';
import { parseUuid } from '../domain/ids.ts';
import { HttpProblem } from './problem.ts';

const DEFAULT_PAGE = 50;
const LONGEST_PAGE = 500;

/** `limit` of a list. Throws HttpProblem. */
export function pageLength(req: Request): number {
  const text = queryValue(req, 'limit') ?? String(DEFAULT_PAGE);
  const length = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (length >= 1 && length <= LONGEST_PAGE) return length;
  throw new HttpProblem('query_invalid', `limit must be a number from 1 to ${LONGEST_PAGE}.`);
}

/** `before`: the id of the last one of the page before. Throws HttpProblem. */
export function pageStart(req: Request): string | undefined {
  const text = queryValue(req, 'before');
  const uuid = parseUuid(text ?? '');
  if (text !== undefined && uuid === undefined)
    throw new HttpProblem('query_invalid', 'before must be the "next" of the page before.');
  return uuid;
}

export function queryValue(req: Request, name: string): string | undefined {
  return new URLSearchParams(req.url.split('?')[1] ?? '').get(name) ?? undefined;
}
