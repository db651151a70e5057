import type { ServerResponse } from 'node:http';

/** Writes a JSON answer in one piece; for HEAD Node leaves the body out. */
export function sendJson(res: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  res.statusCode = status;
  res.setHeader('content-type', `${type}; charset=utf-8`);
  res.setHeader('content-length', bytes.length);
  res.end(bytes);
}
