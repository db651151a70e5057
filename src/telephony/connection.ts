import type { Logger } from '../log.ts';
import { createSipApplication, type SipApplication } from './srf.ts';

export interface SipServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/**
 * Connects to the SIP engine or to a drachtio-server; resolves when it has accepted us. Later interruptions are logged
 * and mended by drachtio-srf itself. Rejects when the first connection is refused.
 */
export function connectSip(server: SipServerAddress, log: Logger): Promise<SipApplication> {
  const sip = createSipApplication();
  return new Promise((resolve, reject) => {
    sip.on('connect', (error, hostports) => {
      if (error) {
        sip.disconnect();
        reject(
          new Error(`the SIP server at ${server.host}:${server.port} refused us: ${error.message}`, { cause: error }),
        );
        return;
      }
      log.info({ peer: hostports }, 'connected to the SIP server');
      resolve(sip);
    });
    sip.on('error', (err) => log.error({ err }, 'SIP server connection failed; trying again'));
    sip.connect({ ...server });
  });
}
