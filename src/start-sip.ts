import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { type EngineOptions, type EngineStats, startEngineThread } from '../sip/engine/index.ts';
import { expectedSources, someCarrierRoams } from './account/expected-sources.ts';
import { type Config, SIP_TLS_PORT } from './config.ts';
import type { Account } from './domain/account.ts';
import type { OwnAddress } from './domain/own-address.ts';
import type { Logger } from './log.ts';
import type { SipServerAddress } from './telephony/connection.ts';
import { watchThread } from './thread-watch.ts';

const DRACHTIO_PORT = 9022;

/** What speaks SIP for us: the embedded engine in its thread, or a drachtio-server. */
export interface SipSide {
  readonly server: SipServerAddress;
  /** `host:port`, for the operator. */
  readonly address: string;
  /** Where calls to us arrive, if we know. */
  readonly own: OwnAddress | undefined;
  /** Figures of the embedded engine; undefined for a drachtio-server. */
  readonly figures: (() => Promise<EngineStats>) | undefined;
  /** Calls come from other carriers now. */
  useAccount(account: Account): void;
  close(): Promise<void>;
}

/** Starts the engine, unless there is a drachtio-server; `onFailure` is called when it ends by itself. */
export async function startSip(
  config: Config,
  account: Account,
  log: Logger,
  onFailure: (err: Error) => void,
  collect?: EngineOptions['collect'],
): Promise<SipSide> {
  if (config.SIP_ENGINE === 'drachtio') {
    const { DRACHTIO_HOST: host = '', DRACHTIO_PORT: port = DRACHTIO_PORT, DRACHTIO_SECRET: secret = '' } = config;
    const nothing = { own: undefined, figures: undefined, useAccount: () => undefined, close: async () => undefined };
    return { server: { host, port, secret }, address: `drachtio-server ${host}:${port}`, ...nothing };
  }
  const secret = randomUUID();
  const sources = (current: Account) => {
    warnOfRoaming(config, current, log);
    return expectedSources(current, config.SIP_UNKNOWN_SOURCES);
  };
  const engine = await startEngineThread({
    ...engineOptions(config),
    knownSources: sources(account),
    secret,
    ...(collect === undefined ? {} : { collect }),
    log: (level, message, fields) => log[level](fields, message),
  });
  const watch = watchThread(() => engine.stats(), onFailure);
  engine.onExit((err) => {
    watch.stop();
    if (err !== undefined) onFailure(err);
  });
  process.on('SIGUSR2', () => void engine.stats().then((stats) => log.info({ stats }, 'figures of the SIP engine')));
  const bound = engine.listeningPoints[0];
  return {
    server: { host: '127.0.0.1', port: engine.controlPort, secret },
    address: `${bound?.advertisedAddress}:${bound?.advertisedPort}`,
    own: ownAddressOf(config, new Set(engine.listeningPoints.map((each) => each.port))),
    figures: () => engine.stats(),
    useAccount: (current) => engine.knowSources(sources(current)),
    close: () => engine.close(),
  };
}

/** Where calls to us arrive, as far as settings and ports in use tell; undefined where another program decides that. */
export function ownAddressOf(config: Config, portsInUse: ReadonlySet<number> = new Set()): OwnAddress | undefined {
  if (config.SIP_ENGINE === 'drachtio') return undefined;
  const { SIP_HOST: host, SIP_ADVERTISED_HOST: advertised, SIP_PORT: port } = config;
  const isWildcard = host === '0.0.0.0' || host === '::';
  const here = isWildcard
    ? Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address))
    : [host];
  const tlsPorts = config.SIP_TLS_CERTIFICATE_FILE === undefined ? [] : [config.SIP_TLS_PORT ?? SIP_TLS_PORT];
  return {
    addresses: [...here, ...(advertised === undefined ? [] : [advertised])],
    ports: [...portsInUse, port, ...tlsPorts].filter((each) => each !== 0),
  };
}

/** Whoever may log in from anywhere must be answered, and then so must everybody. */
function warnOfRoaming(config: Config, account: Account, log: Logger): void {
  if (config.SIP_UNKNOWN_SOURCES !== 'silence' || !someCarrierRoams(account)) return;
  log.warn(
    'unknown sources are answered in spite of SIP_UNKNOWN_SOURCES=silence: a carrier without addresses may log in',
  );
}

function engineOptions(config: Config): Omit<EngineOptions, 'secret'> {
  const { SIP_HOST: address, SIP_PORT: port, SIP_ADVERTISED_HOST: advertised } = config;
  const point = { address, port, ...(advertised === undefined ? {} : { advertisedAddress: advertised }) };
  const tls = tlsOf(config);
  return {
    listen: [
      { protocol: 'udp', ...point },
      { protocol: 'tcp', ...point },
      ...(tls === undefined ? [] : [{ protocol: 'tls', ...point, port: config.SIP_TLS_PORT ?? SIP_TLS_PORT } as const]),
    ],
    tls,
    localNetworks: config.SIP_LOCAL_NETWORKS,
    secretHeaders: ['X-PH-RetreaverKey'],
    ...(config.SIP_TRACE === undefined ? {} : { trace: config.SIP_TRACE }),
    control: { address: '127.0.0.1', port: 0 },
  };
}

/** Undefined when there is no certificate and therefore no TLS. */
function tlsOf(config: Config): EngineOptions['tls'] {
  const { SIP_TLS_CERTIFICATE_FILE: certificateFile, SIP_TLS_KEY_FILE: keyFile } = config;
  const { SIP_TLS_AUTHORITIES_FILE: authoritiesFile, SIP_TLS_CLIENT_CERTIFICATES: clientCertificates = 'no' } = config;
  if (certificateFile === undefined || keyFile === undefined) return undefined;
  return {
    certificateFile,
    keyFile,
    clientCertificates,
    ...(authoritiesFile === undefined ? {} : { authoritiesFile }),
  };
}
