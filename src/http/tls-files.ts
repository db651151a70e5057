import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Logger } from '../log.ts';

/** PEM files; the certificate with the intermediate ones after it. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** The files cannot be used; `message` names the file and is for the operator. */
export class TlsFilesError extends Error {
  readonly code = 'tls_credentials';
}

const LOOK_EVERY_MS = 5_000;
/** RFC 8996 ends what came before. */
const MIN_VERSION = 'TLSv1.2';

/** Reads and checks both files. Throws TlsFilesError. */
export function readTlsFiles({ certificateFile, keyFile }: TlsFiles): SecureContextOptions {
  const cert = readText('HTTP_TLS_CERTIFICATE_FILE', certificateFile);
  const key = readText('HTTP_TLS_KEY_FILE', keyFile);
  const settings = { cert, key, minVersion: MIN_VERSION } as const;
  try {
    const { validTo } = new X509Certificate(cert);
    if (Date.parse(validTo) < Date.now()) throw new Error(`it has run out on ${validTo}`);
    createSecureContext(settings);
  } catch (error) {
    const why = (error as Error).message;
    throw new TlsFilesError(`${certificateFile} cannot be used with ${keyFile}: ${why}`, { cause: error });
  }
  return settings;
}

/** Renewed files are used for the next connection; ones that cannot be used are logged, and the last good ones kept. */
export function followTlsFiles(server: Server, files: TlsFiles, log: Logger): { stop(): void } {
  let seen = lastChange(files);
  const timer = setInterval(() => {
    const now = lastChange(files);
    if (now === seen) return;
    seen = now;
    try {
      server.setSecureContext(readTlsFiles(files));
      log.info({ certificate: files.certificateFile }, 'renewed certificate in use');
    } catch (err) {
      log.error({ err }, 'renewed certificate cannot be used, the last one stays');
    }
  }, LOOK_EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}

function readText(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TlsFilesError(`${setting}: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function lastChange({ certificateFile, keyFile }: TlsFiles): string {
  const times = [certificateFile, keyFile].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs);
  return times.join();
}
