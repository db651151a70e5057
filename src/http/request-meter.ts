import type { RequestHandler } from 'express';
import { parsePostbackPath, splitTarget } from './postback/postback-path.ts';

/** Told of each answer: which kind of request, its status, how long it took. */
export type RequestMeter = (route: string, status: number, ms: number) => void;

/** Measures each request from its head to the end of its answer. Routes are few, whatever is asked for. */
export function requestMeter(meter: RequestMeter): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const route = routeOf(req.url);
    res.once('close', () => meter(route, res.statusCode, performance.now() - startedAt));
    next();
  };
}

function routeOf(url: string): string {
  const { path } = splitTarget(url);
  const postback = parsePostbackPath(path);
  if (postback !== undefined) return postback.kind;
  const first = path.split('/', 2)[1] ?? '';
  return KNOWN.has(first) ? first : 'other';
}

const KNOWN = new Set([
  'api',
  'postbacks',
  'postback-instructions',
  'healthz',
  'readyz',
  'metrics',
  'docs',
  'openapi.json',
]);
