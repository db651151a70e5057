import type { Request } from 'express';
import { HttpProblem } from './problem.ts';

/** The parameters of a query, each known and given once. Throws HttpProblem naming what is not. */
export function queryValues(req: Request, known: readonly string[]): Readonly<Record<string, string | undefined>> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(req.url.split('?')[1] ?? '')) {
    if (!known.includes(name)) {
      throw new HttpProblem('query_invalid', `${name} is not a parameter here: use ${[...known].sort().join(', ')}.`);
    }
    if (value === '' || values[name] !== undefined)
      throw new HttpProblem('query_invalid', `${name} must have one value.`);
    values[name] = value;
  }
  return values;
}

/** Throws HttpProblem that says how to write a time. */
export function instantOf(name: string, value: string): number {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(value);
  const at = isTime ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new HttpProblem('query_invalid', `${name} must be a time like 2026-03-01T12:00:00Z, or a day like 2026-03-01.`);
}
