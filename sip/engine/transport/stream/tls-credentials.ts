import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Log } from '../log.ts';

/** Who we are and whom we trust (RFC 3261 §26.3.1). Files are PEM. */
export interface TlsOptions {
  /** Our certificate, with the intermediate ones after it. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Authorities to trust instead of those Node comes with. */
  readonly authoritiesFile?: string;
  /** Whether callers have to show a certificate of a trusted authority; default `no`. */
  readonly clientCertificates?: 'no' | 'optional' | 'required';
  /** Talk to servers whoever they are. For laboratories: anybody on the way can listen in. */
  readonly dangerouslyAcceptAnyServer?: boolean;
}

/** The certificate cannot be used; `message` names the file and says what is wrong with it. */
export class TlsCredentialsError extends Error {
  override readonly name = 'TlsCredentialsError';
  readonly code = 'tls_credentials';
}

const LOOK_EVERY_MS = 5_000;
const EXPIRES_SOON_MS = 14 * 24 * 3_600_000;
/** RFC 8996 ends what came before. */
const minVersion = 'TLSv1.2';

/**
 * Our certificate as it is on disk: looked after every few seconds, so that a renewed one is used for the next connection
 * while those that are open stay. One that cannot be used is logged and the last good one kept.
 */
export class TlsCredentials {
  readonly options: TlsOptions;
  /** PEM texts as last read. */
  settings: SecureContextOptions;
  /** For connections we make. */
  context: SecureContext;
  readonly #log: Log;
  readonly #interval: NodeJS.Timeout;
  readonly #listeners: (() => void)[] = [];
  #seen: string;
  /** False while the files hold something that cannot be used. */
  #isCurrent = true;

  static async load(options: TlsOptions, log: Log): Promise<TlsCredentials> {
    const seen = await lastChange(options);
    const settings = await read(options);
    return new TlsCredentials(options, log, { seen, settings, context: contextOf(settings, options) });
  }

  private constructor(
    options: TlsOptions,
    log: Log,
    first: { seen: string; settings: SecureContextOptions; context: SecureContext },
  ) {
    this.options = options;
    this.#log = log;
    this.#seen = first.seen;
    this.settings = first.settings;
    this.context = first.context;
    this.#interval = setInterval(() => void this.reloadIfChanged(), LOOK_EVERY_MS);
    this.#interval.unref();
    this.#warnOfExpiry();
  }

  /** Called after each renewal. */
  onRenewed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Takes the files over when they have changed; false when they cannot be used. Never rejects. */
  async reloadIfChanged(): Promise<boolean> {
    const seen = await lastChange(this.options);
    if (seen === this.#seen) return this.#isCurrent;
    this.#seen = seen;
    try {
      const settings = await read(this.options);
      this.context = contextOf(settings, this.options);
      this.settings = settings;
      for (const listener of this.#listeners) listener();
      this.#isCurrent = true;
      this.#log('info', 'TLS certificate renewed', { certificateFile: this.options.certificateFile });
      this.#warnOfExpiry();
    } catch (err) {
      this.#isCurrent = false;
      this.#log('error', 'TLS certificate cannot be renewed, the last one stays in use', { err });
    }
    return this.#isCurrent;
  }

  close(): void {
    clearInterval(this.#interval);
  }

  #warnOfExpiry(): void {
    const { subject, validToDate } = new X509Certificate(this.settings.cert as Buffer);
    if (validToDate.getTime() - Date.now() > EXPIRES_SOON_MS) return;
    const expires = validToDate.toISOString();
    this.#log('warn', 'TLS certificate expires soon, renew it', { subject, expires });
  }
}

const filesOf = ({ certificateFile, keyFile, authoritiesFile }: TlsOptions): string[] =>
  [certificateFile, keyFile, authoritiesFile].filter((file) => file !== undefined);

/** Differs whenever one of the files was written, went or came back. */
async function lastChange(options: TlsOptions): Promise<string> {
  const changes = filesOf(options).map(async (file) => {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  });
  return (await Promise.allSettled(changes)).map((each) => (each.status === 'fulfilled' ? each.value : 'none')).join();
}

async function read(options: TlsOptions): Promise<SecureContextOptions> {
  const [cert, key, ca] = await Promise.all(filesOf(options).map((file) => readable(file, () => readFile(file))));
  requireCertificate(options.certificateFile, cert);
  if (options.authoritiesFile !== undefined) requireCertificate(options.authoritiesFile, ca);
  return { cert, key, minVersion, ...(ca === undefined ? {} : { ca }) };
}

async function readable<T>(file: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    throw new TlsCredentialsError(`cannot read the TLS file ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** OpenSSL takes a file without a certificate for one with none, and then nobody is served, or nobody trusted. */
function requireCertificate(file: string, text: Buffer | undefined): void {
  try {
    new X509Certificate(text ?? '');
  } catch (cause) {
    throw new TlsCredentialsError(`the TLS file ${file} begins with no PEM certificate`, { cause });
  }
}

function contextOf(settings: SecureContextOptions, { certificateFile, keyFile }: TlsOptions): SecureContext {
  try {
    return createSecureContext(settings);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new TlsCredentialsError(`TLS certificate ${certificateFile} with key ${keyFile}: ${reason}`, { cause });
  }
}
