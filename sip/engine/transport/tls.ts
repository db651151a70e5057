import type { Socket } from 'node:net';
import { connect, createServer, type TlsOptions as ServerOptions, type TLSSocket } from 'node:tls';
import type { Endpoint, ListenRequest } from './endpoint.ts';
import { openStream, type StreamContext, type StreamKind } from './stream-endpoint.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import type { Target } from './transport.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Listens on TLS (RFC 3261 §26.2.1). Servers we connect to must have a certificate of a trusted authority for the name in
 * the URI (RFC 5922 §7.2), unless switched off.
 */
export function openTls(
  request: ListenRequest,
  credentials: TlsCredentials,
  context: StreamContext,
): Promise<Endpoint> {
  const server = createServer(serverOptions(credentials));
  credentials.onRenewed(() => server.setSecureContext(serverOptions(credentials)));
  server.on('tlsClientError', (error, socket) => {
    context.onRefused(error, socket.remoteAddress ?? '');
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    if (isImpostor(socket)) socket.destroy(new Error(`client certificate: ${socket.authorizationError}`));
  });
  const kind: StreamKind = {
    protocol: 'tls',
    server,
    accepted: 'secureConnection',
    connect: (target, source) => connectTls(target, source, credentials),
  };
  return openStream(request, kind, context);
}

function serverOptions({ settings, options }: TlsCredentials): ServerOptions {
  const { clientCertificates = 'no' } = options;
  return {
    ...settings,
    requestCert: clientCertificates !== 'no',
    rejectUnauthorized: clientCertificates === 'required',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}

/** Where certificates are optional, one that is shown has to be good. */
function isImpostor(socket: TLSSocket): boolean {
  return !socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0;
}

function connectTls(target: Target, source: { localAddress?: string }, { context, options }: TlsCredentials): Socket {
  return connect({
    host: target.address,
    port: target.port,
    ...source,
    secureContext: context,
    rejectUnauthorized: options.dangerouslyAcceptAnyServer !== true,
    // Without a name it is the address that the certificate must be for.
    ...(target.serverName === undefined ? {} : { servername: target.serverName }),
  });
}
