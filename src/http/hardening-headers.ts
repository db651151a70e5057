import type { RequestHandler } from 'express';

/** For every answer: not to be cached (postback URLs carry keys), sniffed, framed, or passed on as a referrer. */
const HEADERS = new Headers({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});

export function hardeningHeaders(): RequestHandler {
  return (_req, res, next) => {
    res.setHeaders(HEADERS);
    next();
  };
}
