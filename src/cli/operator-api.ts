import { isIPv6 } from 'node:net';
import { type Config, loadConfig } from '../config.ts';
import { CommandError } from './run-command.ts';

// biome-ignore lint/suspicious/noExplicitAny: the API's JSON, shown field by field
export type Json = Record<string, any>;

/** Where the service is and who asks, beside what the settings say. */
export interface ApiOptions {
  /** Of the API, without a path; the service of the settings when missing. */
  readonly url?: string | undefined;
}

const PATIENCE_MS = 10_000;
const READINESS_PATIENCE_MS = 3_000;

/** The running service's API, asked as an operator (docs/http-api.md). What it refuses is thrown as a readable CommandError. */
export class OperatorApi {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor({ url }: ApiOptions) {
    const config = loadConfig(process.env);
    this.#url = url?.replace(/\/+$/, '') ?? urlOf(config);
    this.#token = config.OPERATOR_TOKEN;
  }

  get(path: string): Promise<Json> {
    return this.#ask(path, { method: 'GET' });
  }

  post(path: string, body: object = {}): Promise<Json> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  delete(path: string): Promise<Json> {
    return this.#ask(path, { method: 'DELETE' });
  }

  /** Which parts of the service can serve; undefined where none runs. */
  async readiness(): Promise<Readonly<Record<string, boolean>> | undefined> {
    const request = { signal: AbortSignal.timeout(READINESS_PATIENCE_MS) };
    const response = await fetch(`${this.#url}/readyz`, request).catch(() => undefined);
    const answer = (await response?.json().catch(() => undefined)) as Json | undefined;
    return answer?.['parts'];
  }

  async #ask(path: string, init: RequestInit): Promise<Json> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`);
    const request = { ...init, headers, signal: AbortSignal.timeout(PATIENCE_MS) };
    const response = await fetch(`${this.#url}/api/v1${path}`, request).catch((error: Error) =>
      this.#unreachable(error),
    );
    const answer = (await response.json().catch(() => ({}))) as Json;
    if (response.ok) return answer;
    throw new CommandError(answer['detail'] ?? `${this.#url} answered ${response.status}`);
  }

  #unreachable(error: Error): never {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    const remedy = 'Start the service, or say where it is: --url http://127.0.0.1:8080';
    throw new CommandError(`${this.#url} does not answer (${reason}). ${remedy}`);
  }
}

/** Where the service of these settings listens, seen from this machine. */
function urlOf({ HTTP_HOST: host, HTTP_PORT: port, HTTP_TLS_CERTIFICATE_FILE: certificate }: Config): string {
  const here = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `${certificate === undefined ? 'http' : 'https'}://${isIPv6(here) ? `[${here}]` : here}:${port}`;
}
