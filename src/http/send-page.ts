import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** Sends a page that may use no style or script but those that carry its nonce. */
export function sendPage(res: ServerResponse, page: (nonce: string) => string): void {
  const nonce = randomBytes(16).toString('base64');
  res.setHeader(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  res.setHeader('content-type', 'text/html; charset=utf-8');
  res.end(page(nonce));
}
