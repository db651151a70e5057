import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';
import { isLoopback } from './source-address.ts';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Lets operators in: by bearer token, or from this machine alone while no token is configured. */
export function operatorAuth(token: string | undefined): RequestHandler {
  return (req, _res, next) => {
    if (token === undefined) requireLoopback(req);
    else requireToken(req, token);
    next();
  };
}

/** The Host must be loopback too, else a web page could reach us under a name of its own (DNS rebinding). */
function requireLoopback(req: Request): void {
  if (isLoopback(req) && LOOPBACK_HOST.test(req.headers.host ?? '')) return;
  throw new HttpProblem('operator_refused', 'No operator token is configured: only this machine itself may come in.');
}

function requireToken(req: Request, token: string): void {
  const [, given] = /^bearer +(\S+) *$/i.exec(req.headers.authorization ?? '') ?? [];
  if (given === undefined) {
    throw new HttpProblem('operator_token_missing', 'Send the operator token as Authorization: Bearer.', {
      'www-authenticate': 'Bearer',
    });
  }
  if (!timingSafeEqual(digest(given), digest(token))) throw new HttpProblem('operator_refused', 'Wrong token.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
