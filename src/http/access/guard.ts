import type { Request, RequestHandler, Response } from 'express';
import type { Scope } from '../../domain/access.ts';
import { findOperation } from '../openapi/operations.ts';
import { HttpProblem } from '../problem.ts';
import { principalOf } from './authenticate.ts';

/** Lets through what the principal's scopes allow; Throws HttpProblem. */
export function guard(): RequestHandler {
  return (req, res, next) => {
    const operation = operationOf(req);
    // What the table does not know, nobody but an admin comes to know of.
    requireScope(res, operation?.scope ?? 'access:write');
    next();
  };
}

/** Throws HttpProblem `scope_missing`. */
export function requireScope(res: Response, scope: Scope): void {
  const { role, scopes } = principalOf(res);
  if (scopes.has(scope)) return;
  throw new HttpProblem('scope_missing', `This wants the scope ${scope}; your token, role ${role}, lacks it.`);
}

/** The operation that a request below `/api/v1` is. */
export function operationOf({ method, path }: Pick<Request, 'method' | 'path'>) {
  return findOperation(method === 'HEAD' ? 'GET' : method, path);
}
