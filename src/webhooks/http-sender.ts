import type { lookup } from 'node:dns';
import got, { type Response } from 'got';
import { failureReason, isHopeless } from './failure-reason.ts';
import { createGuardedAgents, type GuardedAgents } from './guarded-agents.ts';
import type { OutgoingRequest } from './prepare-request.ts';
import { UrlGuard } from './url-guard.ts';

const CONNECT_TIMEOUT_MS = 5_000;
export const TOTAL_TIMEOUT_MS = 15_000;
/** Of an answer, read at most. */
export const MOST_ANSWER_BYTES = 64 * 1024;
const KEPT_ANSWER_BYTES = 1024;

export interface SendResult {
  readonly elapsedMs: number;
  readonly httpStatus?: number;
  readonly retryAfter?: string | undefined;
  /** First bytes of the answer, as text. */
  readonly answer?: string;
  readonly error?: string;
  /** The guard refused the address. */
  readonly hopeless?: boolean;
}

/** For one request, instead of those of semantics §8. */
export interface SendLimits {
  readonly withinMs: number;
  /** Of the answer, at most what is read. */
  readonly keptBytes: number;
}

export interface Sender {
  send(request: OutgoingRequest, limits?: SendLimits): Promise<SendResult>;
}

export interface HttpSenderOptions {
  readonly allowedNetworks: readonly string[];
  /** Stands in for the system's look-up. */
  readonly resolve?: typeof lookup | undefined;
  readonly connectTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
}

/** Sends one webhook within the limits of semantics §8. Never throws: a failure is a result. Redirects are not followed. */
export class HttpSender implements Sender {
  readonly #guard: UrlGuard;
  readonly #agents: GuardedAgents;
  readonly #connectMs: number;
  readonly #totalMs: number;

  constructor(options: HttpSenderOptions) {
    this.#guard = new UrlGuard(options.allowedNetworks);
    this.#agents = createGuardedAgents(this.#guard, options.resolve);
    this.#connectMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.#totalMs = options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS;
  }

  async send(request: OutgoingRequest, given?: SendLimits): Promise<SendResult> {
    const limits = given ?? { withinMs: this.#totalMs, keptBytes: KEPT_ANSWER_BYTES };
    const startedAt = performance.now();
    try {
      this.#guard.checkUrl(request.url);
      const answer = await this.#exchange(request, limits);
      return { ...answer, elapsedMs: performance.now() - startedAt };
    } catch (error) {
      const elapsedMs = performance.now() - startedAt;
      const reason = failureReason(error as Error, limits.withinMs);
      return { error: reason, ...(isHopeless(error as Error) ? { hopeless: true } : {}), elapsedMs };
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #exchange(
    { method, url, headers, body }: OutgoingRequest,
    { withinMs, keptBytes }: SendLimits,
  ): Promise<Omit<SendResult, 'elapsedMs'>> {
    const stream = got.stream(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      agent: this.#agents,
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      retry: { limit: 0 },
      timeout: { lookup: this.#connectMs, connect: this.#connectMs, secureConnect: this.#connectMs },
      signal: AbortSignal.timeout(withinMs),
    });
    let response: Response | undefined;
    stream.once('response', (received: Response) => {
      response = received;
    });
    const answer = await readStart(stream, keptBytes);
    if (response === undefined) throw new Error('the connection closed without an answer');
    return { httpStatus: response.statusCode, retryAfter: response.headers['retry-after'], answer };
  }
}

/** Reads to the end so that the connection can be used again, but never beyond the limit. */
async function readStart(stream: AsyncIterable<Buffer>, keptLimit: number): Promise<string> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let readBytes = 0;
  for await (const chunk of stream) {
    if (keptBytes < keptLimit) {
      kept.push(chunk);
      keptBytes += chunk.length;
    }
    readBytes += chunk.length;
    if (readBytes >= MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(kept).subarray(0, keptLimit).toString('utf8').replaceAll('\0', '\uFFFD');
}
