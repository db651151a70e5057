import { isIP, type Socket } from 'node:net';
import { connect, createServer, type Server, type TlsOptions as ServerOptions, type TLSSocket } from 'node:tls';
import type { Endpoint, ListenRequest } from '../endpoint.ts';
import { SourceLimiter } from '../receive/source-limiter.ts';
import type { Target } from '../transport.ts';
import { checkIdentity } from './check-identity.ts';
import { openStream, type StreamContext, type StreamKind } from './stream-endpoint.ts';
import type { TlsCredentials } from './tls-credentials.ts';

/**
 * Listens on TLS (RFC 3261 §26.2.1). Servers we connect to must have a certificate of a trusted authority for the name in
 * the URI (RFC 5922 §7.2), unless switched off.
 */
export function openTls(
  request: ListenRequest,
  credentials: TlsCredentials,
  context: StreamContext,
): Promise<Endpoint> {
  return openStream(request, new TlsKind(credentials, context), context);
}

/** Handshakes in both roles. */
class TlsKind implements StreamKind {
  readonly #credentials: TlsCredentials;
  readonly #onRefused: StreamContext['onRefused'];
  /** Does not listen: it is handed sockets. */
  readonly #server: Server;
  readonly #handshakes: SourceLimiter;
  /** What to do with an accepted socket once its handshake is done, by its peer's address and port. */
  readonly #waiting = new Map<string, (socket: Socket) => void>();

  constructor(credentials: TlsCredentials, { limits, onRefused }: StreamContext) {
    const { handshakesPerSecond: perSecond } = limits;
    this.#credentials = credentials;
    this.#onRefused = onRefused;
    this.#handshakes = new SourceLimiter({ perSecond, totalPerSecond: 10 * perSecond });
    const settings = (): ServerOptions => serverOptions(credentials, limits.handshakeTimeoutMs);
    this.#server = createServer(settings());
    this.#server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      onRefused(error, socket.remoteAddress ?? '');
      socket.destroy(); // Node leaves one whose time is up open.
    });
    credentials.onRenewed(() => this.#server.setSecureContext(settings()));
  }

  accept(socket: Socket, done: (socket: Socket) => void): void {
    const { remoteAddress = '', remotePort } = socket;
    if (!this.#handshakes.admits(remoteAddress)) {
      this.#onRefused(new Error('too many TLS handshakes from one address'), remoteAddress);
      socket.destroy();
      return;
    }
    const key = `${remoteAddress} ${remotePort}`;
    this.#waiting.set(key, done);
    socket.on('close', () => this.#waiting.delete(key));
    this.#server.emit('connection', socket);
  }

  connect({ address, port, serverName = address }: Target, source: { localAddress?: string }): Socket {
    const { context, options } = this.#credentials;
    return connect({
      host: address,
      port,
      ...source,
      // An address is no name to ask for (RFC 6066 §3).
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      secureContext: context,
      rejectUnauthorized: options.dangerouslyAcceptAnyServer !== true,
      checkServerIdentity: (_host, certificate) => checkIdentity(serverName, certificate),
    });
  }

  #onSecure(socket: TLSSocket): void {
    const { remoteAddress = '', remotePort } = socket;
    const key = `${remoteAddress} ${remotePort}`;
    const done = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (done === undefined || this.#isImpostor(socket)) {
      this.#onRefused(new Error(`client certificate: ${socket.authorizationError}`), remoteAddress);
      socket.destroy();
    } else done(socket);
  }

  /** Where certificates are optional, one that is shown has to be good. */
  #isImpostor(socket: TLSSocket): boolean {
    const isAsked = (this.#credentials.options.clientCertificates ?? 'no') !== 'no';
    return isAsked && !socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0;
  }
}

function serverOptions({ settings, options }: TlsCredentials, timeoutMs: number): ServerOptions {
  const { clientCertificates = 'no' } = options;
  return {
    ...settings,
    requestCert: clientCertificates !== 'no',
    rejectUnauthorized: clientCertificates === 'required',
    handshakeTimeout: timeoutMs,
  };
}
