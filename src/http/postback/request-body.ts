import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../problem.ts';

const MOST_BYTES = 64 * 1024;

export type BodyKind = 'none' | 'form' | 'json';

export interface RequestBody {
  readonly kind: BodyKind;
  readonly bytes: Buffer;
}

const KINDS: Readonly<Record<string, BodyKind>> = {
  'application/x-www-form-urlencoded': 'form',
  'application/json': 'json',
};

/** A body can be read from its connection only once. */
const known = new WeakMap<IncomingMessage, Promise<RequestBody>>();

/** The body, of at most 64 KiB (or what the first reader allows) and of a type we understand. Throws HttpProblem: 413 or 415 (semantics §3). */
export function readBody(req: IncomingMessage, mostBytes = MOST_BYTES): Promise<RequestBody> {
  let body = known.get(req);
  if (body === undefined) {
    body = receiveBody(req, mostBytes);
    known.set(req, body);
  }
  return body;
}

async function receiveBody(req: IncomingMessage, mostBytes: number): Promise<RequestBody> {
  if (Number(req.headers['content-length'] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const bytes = await readBytes(req, mostBytes);
  if (bytes.length === 0) return { kind: 'none', bytes };
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const kind = KINDS[type];
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (kind !== undefined && encoding === 'identity') return { kind, bytes };
  throw new HttpProblem(
    'content_type_unsupported',
    'Send application/x-www-form-urlencoded or application/json, not compressed.',
    { 'accept-post': Object.keys(KINDS).join(', ') },
  );
}

async function readBytes(req: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks, length);
}

/** What is still to come is not wanted: the connection ends with the answer. */
function tooLarge(mostBytes: number): HttpProblem {
  return new HttpProblem('body_too_large', `A body may have ${mostBytes} bytes.`, { connection: 'close' });
}
