import { AppError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { doubtAbout } from './server-version.ts';
import { createSipApplication, type SipApplication } from './srf.ts';

export interface SipServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** Told whenever the connection to the SIP server comes or goes. */
export type ConnectionListener = (isConnected: boolean) => void;

/**
 * Connects to the SIP engine or to a drachtio-server; resolves when it has accepted us. Later interruptions are logged
 * and mended by drachtio-srf itself. Rejects when the first connection is refused.
 */
export function connectSip(
  server: SipServerAddress,
  log: Logger,
  onChange: ConnectionListener,
): Promise<SipApplication> {
  const sip = createSipApplication();
  return new Promise((resolve, reject) => {
    sip.on('connect', (error, hostports, version) => {
      if (error) {
        sip.disconnect();
        const where = `${server.host}:${server.port}`;
        const message = `the SIP server at ${where} refused us (${error.message}): give both the same DRACHTIO_SECRET`;
        reject(new AppError('sip_server_refused', message, { cause: error }));
        return;
      }
      log.info({ peer: hostports, version }, 'connected to the SIP server');
      const doubt = doubtAbout(version);
      if (doubt !== undefined) log.warn({ version }, doubt);
      onChange(true);
      resolve(sip);
    });
    sip.on('error', (err) => log.error({ err }, 'SIP server connection failed; trying again'));
    sip.on('close', () => onChange(false));
    sip.connect({ ...server });
  });
}
