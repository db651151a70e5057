import type { z } from 'zod';
import type { Scope } from '../../domain/access.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One operation of the API: what guards it, what is written down of it, and what its documentation says. */
export interface ApiOperation {
  readonly method: Method;
  /** Below `/api/v1`, with `{name}` for what changes. */
  readonly path: string;
  readonly scope: Scope;
  readonly group: string;
  readonly summary: string;
  /**
   * `by_request`: something is changed, and the request is written to the log of changes; `by_itself`: what it calls writes
   * there, in its own transaction; `no`: nothing is changed.
   */
  readonly change: 'no' | 'by_request' | 'by_itself';
  /** Parameters of the query and what they say. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202;
  /** Of the answer, where it is not JSON. */
  readonly type?: string;
  /** Wants `If-Match`, or gives an `ETag`. */
  readonly versioned?: true;
}

type Details = Partial<Pick<ApiOperation, 'change' | 'query' | 'body' | 'status' | 'type' | 'versioned'>>;

/** `GET /calls` and what it is about; reads change nothing, everything else does unless it says otherwise. */
export function operation(
  what: `${Method} /${string}`,
  group: string,
  scope: Scope,
  summary: string,
  details: Details = {},
): ApiOperation {
  const [method, path] = what.split(' ') as [Method, string];
  return {
    method,
    path,
    group,
    scope,
    summary,
    change: method === 'GET' ? 'no' : 'by_request',
    status: 200,
    ...details,
  };
}
