import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type EngineOptions, startEngineThread } from '../sip/engine/index.ts';
import { AccountFileError, loadAccount } from './account/load-account.ts';
import { systemClock } from './clock.ts';
import { type Config, ConfigError, loadConfig, SIP_TLS_PORT } from './config.ts';
import { CallKeys } from './domain/call-key.ts';
import { AppError } from './domain/errors.ts';
import { PostbackTokens } from './domain/postback-token.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { DEFAULT_LIMITS } from './http/postback/postback-limits.ts';
import { startHttpServer } from './http/server.ts';
import { installationSecret } from './installation-secret.ts';
import { createLog, type Logger } from './log.ts';
import type { Operations } from './operations.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { openSqliteStore } from './store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from './store/store.ts';
import type { SipServerAddress } from './telephony/connection.ts';
import { startTelephony, type Telephony } from './telephony/telephony.ts';
import { DeliveryWorker } from './webhooks/delivery-worker.ts';
import { HttpSender } from './webhooks/http-sender.ts';

/** Running calls may go on for so long after a SIGTERM; then both legs are hung up. */
const DRAIN_LIMIT_MS = 60_000;
const DRACHTIO_PORT = 9022;
const WINDOWS_PER_SWEEP = 500;

/** Starts everything in the order in which it is needed; resolves when calls and postbacks are taken. */
async function start(config: Config, log: Logger): Promise<void> {
  const account = loadAccount(config.ACCOUNT_FILE);
  const secret = installationSecret(config.CALL_KEY_SECRET, config.DATA_DIR);
  const secrets = [{ version: 1, secret }];
  const callKeys = new CallKeys(secrets);
  const database: OpenStore<Operations> = await openSqliteStore<Operations>({
    file: join(config.DATA_DIR, 'bridge.sqlite'),
    operations: new URL('./operations.ts', import.meta.url),
  });
  database.onFailure((err) => die(log, err, 'the database thread ended'));
  const store = database.operations;
  const { now } = systemClock;
  await store.applyAccount({ account, now: now() });

  const sender = new HttpSender({ allowedNetworks: config.WEBHOOK_ALLOWED_NETWORKS });
  const deliveries = new DeliveryWorker({
    store,
    sender,
    secrets: { callKeys, signingSecret: secret },
    log,
    clock: systemClock,
    random: Math.random,
    owner: `${config.NODE_ID}:${randomUUID()}`,
  });
  const wakeDeliveries = () => deliveries.wake();

  const { closed } = await store.closeAbandonedCalls({ nodeId: config.NODE_ID, isAlone: true, now: now() });
  if (closed > 0) log.warn({ calls: closed }, 'calls left open by the last run are closed');
  const sweep = () => sweepWindows(store, now, wakeDeliveries);
  const jobs = [
    { name: 'expire-windows', pattern: '* * * * * *', work: sweep },
    { name: 'release-forgotten-lines', pattern: '0 * * * * *', work: () => releaseForgottenLines(store, now, log) },
  ];
  const scheduler = new Scheduler(jobs, log);
  deliveries.start();
  scheduler.start();

  let ready = false;
  const perSecond = config.POSTBACKS_PER_SECOND;
  const http = await startHttpServer({
    listener: createHttpApp({
      store,
      callKeys,
      postbackTokens: new PostbackTokens(secrets),
      publicUrl: config.PUBLIC_URL,
      trustedProxies: config.HTTP_TRUSTED_PROXIES,
      clock: systemClock,
      log,
      wakeDeliveries,
      account: () => account,
      readiness: async () => ({ calls: ready, database: await answers(store) }),
      operatorToken: config.OPERATOR_TOKEN,
      limits: { ...DEFAULT_LIMITS, perSource: { burst: 5 * perSecond, perSecond } },
    }),
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
  });

  const sip = await startSip(config, log);
  const { NODE_ID: nodeId } = config;
  const deps = {
    server: sip.server,
    account,
    store,
    callKeys,
    secret,
    nodeId,
    now,
    random: Math.random,
    log,
    wakeDeliveries,
    sessionSeconds: config.SESSION_TIMER_SECONDS,
  };
  const telephony = await startTelephony(deps);
  ready = true;
  log.info(
    { sip: sip.address, http: `http://${urlHost(config.HTTP_HOST)}:${http.port}`, account: config.ACCOUNT_FILE },
    'ready',
  );

  onStopSignal(log, async () => {
    ready = false;
    await drain(telephony, log);
    await http.close();
    await scheduler.stop();
    await deliveries.stop();
    sender.close();
    telephony.disconnect();
    await sip.close();
    await database.close();
  });
}

interface SipSide {
  readonly server: SipServerAddress;
  /** `host:port`, for the operator. */
  readonly address: string;
  close(): Promise<void>;
}

async function startSip(config: Config, log: Logger): Promise<SipSide> {
  if (config.SIP_ENGINE === 'drachtio') {
    const { DRACHTIO_HOST: host = '', DRACHTIO_PORT: port = DRACHTIO_PORT, DRACHTIO_SECRET: secret = '' } = config;
    return { server: { host, port, secret }, address: `drachtio-server ${host}:${port}`, close: async () => undefined };
  }
  const secret = randomUUID();
  const { SIP_HOST: address, SIP_PORT: port, SIP_ADVERTISED_HOST: advertised } = config;
  const point = { address, port, ...(advertised === undefined ? {} : { advertisedAddress: advertised }) };
  const tls = tlsOf(config);
  const engine = await startEngineThread({
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
    secret,
    log: (level, message, fields) => log[level](fields, message),
  });
  engine.onExit((err) => err && die(log, err, 'the SIP engine thread ended'));
  process.on('SIGUSR2', () => void engine.stats().then((stats) => log.info({ stats }, 'figures of the SIP engine')));
  const bound = engine.listeningPoints[0];
  return {
    server: { host: '127.0.0.1', port: engine.controlPort, secret },
    address: `${bound?.advertisedAddress}:${bound?.advertisedPort}`,
    close: () => engine.close(),
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

/** True if the database answers a small question. */
function answers(store: OpenStore<Operations>['operations']): Promise<boolean> {
  return store.nextDueDelivery({}).then(
    () => true,
    () => false,
  );
}

/** Decides every window that is over, in batches, oldest first. */
async function sweepWindows(
  store: OpenStore<Operations>['operations'],
  now: () => number,
  wake: () => void,
): Promise<void> {
  for (;;) {
    const { expired } = await store.expireWindows({ now: now(), limit: WINDOWS_PER_SWEEP });
    if (expired > 0) wake();
    if (expired < WINDOWS_PER_SWEEP) return;
  }
}

/** A line that nobody gives back would keep its buyer from calls until the next start. */
async function releaseForgottenLines(
  store: OpenStore<Operations>['operations'],
  now: () => number,
  log: Logger,
): Promise<void> {
  const { released } = await store.releaseForgottenLines({ now: now() });
  if (released > 0) log.error({ lines: released }, 'lines of ended calls were still held: report this as a bug');
}

/** New calls are refused, running ones may finish (bounded), then they are hung up. */
async function drain(telephony: Telephony, log: Logger): Promise<void> {
  telephony.drain();
  const { liveCalls } = telephony;
  if (liveCalls.count > 0) log.info({ calls: liveCalls.count, limitMs: DRAIN_LIMIT_MS }, 'waiting for running calls');
  if (await liveCalls.wait(DRAIN_LIMIT_MS)) return;
  log.warn({ calls: liveCalls.count }, 'running calls are hung up');
  await liveCalls.hangUpAll('shutdown');
}

/** First SIGTERM or SIGINT: an orderly stop. A second one is final. */
function onStopSignal(log: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const handle = (signal: NodeJS.Signals) => {
    if (stopping) {
      log.warn({ signal }, 'second signal: stopping at once');
      process.exit(1);
    }
    stopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (err: unknown) => die(log, err, 'the stop failed'),
    );
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
}

/** Half alive is worse than dead: whoever supervises the process starts it again, and open calls are put right then. */
function die(log: Logger, err: unknown, what: string): never {
  log.fatal({ err }, what);
  process.exit(1);
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A mistake of the operator's is one readable message, without a stack. */
function isOperatorError(error: unknown): error is Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const expected = error instanceof ConfigError || error instanceof AccountFileError || error instanceof AppError;
  return expected || ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'tls_credentials', 'bad_network'].includes(code);
}

try {
  const config = loadConfig(process.env);
  await start(config, createLog(config.LOG_LEVEL));
} catch (error) {
  console.error(isOperatorError(error) ? error.message : error);
  process.exit(1);
}
