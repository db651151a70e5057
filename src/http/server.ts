import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from '../log.ts';
import { followTlsFiles, readTlsFiles, type TlsFiles } from './tls-files.ts';

export interface HttpServerOptions {
  readonly listener: RequestListener;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly timeouts?: Partial<Timeouts>;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles | undefined;
  readonly log: Logger;
}

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections, lets running requests finish for at most so long, then ends them. */
  close(graceMs?: number): Promise<void>;
}

interface Timeouts {
  /** For all headers of a request: senders that trickle them are dropped (slow loris). */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** Between requests of one connection; longer than the 60 s of common load balancers. */
  readonly idleMs: number;
}

const TIMEOUTS: Timeouts = { headersMs: 10_000, requestMs: 30_000, idleMs: 65_000 };
const GRACE_MS = 10_000;
const MOST_HEADER_BYTES = 16 * 1024;
const HANDSHAKE_MS = 10_000;
const MOST_CONNECTIONS = 10_000;

const PARSER_STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Listens; rejects if the address cannot be had, or the certificate not be used. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const server = listener(options, {
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.idleMs,
    connectionsCheckingInterval: Math.min(5_000, timeouts.headersMs),
    maxHeaderSize: MOST_HEADER_BYTES,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', answerParserError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: (graceMs) => close(server, graceMs) };
}

function listener({ tls, listener: requests, log }: HttpServerOptions, settings: ServerOptions): Server {
  if (tls === undefined) return createServer(settings, requests);
  const server = createTlsServer({ ...settings, ...readTlsFiles(tls), handshakeTimeout: HANDSHAKE_MS }, requests);
  const following = followTlsFiles(server, tls, log);
  server.once('close', () => following.stop());
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

/** What never became a request gets a bare answer; its bytes are not repeated, for they may hold a key. */
function answerParserError(error: NodeJS.ErrnoException, socket: Socket | NodeJS.WritableStream): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void (socket as Socket).destroy();
  const status = PARSER_STATUSES[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n`);
}

async function close(server: Server, graceMs = GRACE_MS): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
