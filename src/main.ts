import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AccountFile } from './account/account-file.ts';
import { AccountInDatabase, type ReadAccount } from './account/account-in-database.ts';
import type { AccountSource } from './account/account-source.ts';
import { AccountFileError, type WrittenAccount } from './account/load-account.ts';
import { systemClock } from './clock.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { CallKeys } from './domain/call-key.ts';
import { AppError } from './domain/errors.ts';
import type { OwnAddress } from './domain/own-address.ts';
import { PostbackTokens } from './domain/postback-token.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { DEFAULT_LIMITS } from './http/postback/postback-limits.ts';
import { startHttpServer } from './http/server.ts';
import type { TlsFiles } from './http/tls-files.ts';
import { installationSecret } from './installation-secret.ts';
import { heartbeat, jobsOf } from './jobs.ts';
import { createLog, type Logger } from './log.ts';
import { addEngineMetrics } from './metrics/engine-metrics.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { addWaitingMetrics } from './metrics/waiting-metrics.ts';
import type { Operations } from './operations.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { ownAddressOf, startSip } from './start-sip.ts';
import { die, drain, onStopSignal } from './stop-signal.ts';
import { openSqliteStore } from './store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from './store/store.ts';
import type { AskForData } from './telephony/call-data.ts';
import { type SipMessage, SipMessageKeeper } from './telephony/sip-message-keeper.ts';
import { startTelephony, type Telephony } from './telephony/telephony.ts';
import { DataRequests } from './webhooks/data-requests.ts';
import { DeliveryWorker, type TryListener } from './webhooks/delivery-worker.ts';
import { HttpSender } from './webhooks/http-sender.ts';
import { WebhookTrials } from './webhooks/webhook-trial.ts';
import { WriteProbe } from './write-probe.ts';

/** Starts everything in the order in which it is needed; resolves when calls and postbacks are taken. */
async function start(config: Config, log: Logger): Promise<void> {
  const isInFile = config.ACCOUNT_SOURCE === 'file';
  const accountFile = isInFile ? new AccountFile(config.ACCOUNT_FILE, ownAddressOf(config), log) : undefined;
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
  let telephony: Telephony | undefined;
  const metrics = new ServiceMetrics(() => telephony?.liveCalls.count ?? 0);
  addWaitingMetrics(metrics.registry, store, now);
  database.onBatch((operations, ms) => metrics.batchCommitted(operations, ms));
  const onTried: TryListener = (trigger, state, ms) => metrics.webhookTried(trigger, state, ms);
  const apply = (written: WrittenAccount) =>
    store.applyAccount({ ...written, actor: { name: 'account file', sourceAddress: null }, now: now() });
  if (accountFile !== undefined) await apply(accountFile.written);
  const read: ReadAccount = (knownRevision) => store.readAccount({ knownRevision });
  const accounts: AccountSource = accountFile ?? (await AccountInDatabase.open(read, ownAddressOf(config), log));
  const { account } = accounts;

  const sender = new HttpSender({ allowedNetworks: config.WEBHOOK_ALLOWED_NETWORKS });
  const requestSecrets = { callKeys, signingSecret: secret };
  const owner = `${config.NODE_ID}:${randomUUID()}`;
  const deliveries = new DeliveryWorker({
    store,
    sender,
    secrets: requestSecrets,
    log,
    clock: systemClock,
    random: Math.random,
    owner,
    onTried,
  });
  const wakeDeliveries = () => deliveries.wake();
  const dataRequests = new DataRequests({
    store,
    sender,
    secrets: requestSecrets,
    log,
    clock: systemClock,
    owner,
    onTried,
  });
  const askForData: AskForData = (question, withinMs) => dataRequests.ask(question, withinMs);

  const { closed } = await store.closeAbandonedCalls({ nodeId: config.NODE_ID, isAlone: true, now: now() });
  if (closed > 0) log.warn({ calls: closed }, 'calls left open by the last run are closed');
  await store.freeLeases({ now: now() });
  const jobDeps = {
    ...{ store, nodeId: config.NODE_ID, now, log, wakeDeliveries },
    liveCalls: () => telephony?.liveCalls.uuids,
    retentionDays: config.RETENTION_DAYS,
    sipMessageDays: config.SIP_MESSAGES_DAYS,
  };
  await heartbeat(jobDeps);
  const scheduler = new Scheduler(jobsOf(jobDeps), log);
  deliveries.start();
  scheduler.start();

  let ready = false;
  let own: OwnAddress | undefined;
  const writable = new WriteProbe({ write: () => heartbeat(jobDeps) });
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
      trials: new WebhookTrials(sender, requestSecrets, now),
      account: () => accounts.account,
      accountSource: config.ACCOUNT_SOURCE,
      accountChanged: () => accounts.reload(),
      own: () => own ?? ownAddressOf(config),
      liveCalls: () => telephony?.liveCalls,
      isReachable: (buyer) => telephony?.isReachable(buyer) ?? true,
      readiness: async () => ({
        calls: ready,
        sip: telephony?.isConnected() ?? false,
        database: await writable.succeeds(),
      }),
      operatorToken: config.OPERATOR_TOKEN,
      requestMeter: (route, status, ms) => metrics.requestAnswered(route, status, ms),
      metrics: metrics.registry,
      limits: { ...DEFAULT_LIMITS, perSource: { burst: 5 * perSecond, perSecond } },
    }),
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    tls: httpTlsOf(config),
    log,
  });

  const keeper = config.SIP_MESSAGES_DAYS === undefined ? undefined : new SipMessageKeeper({ store, now, log });
  const onFailure = (err: Error) => die(log, err, 'the SIP engine thread ended');
  const collect = keeper && ((messages: readonly SipMessage[]) => keeper.take(messages));
  const sip = await startSip(config, account, log, onFailure, collect);
  own = sip.own;
  if (sip.figures !== undefined) addEngineMetrics(metrics.registry, sip.figures);
  const { NODE_ID: nodeId } = config;
  const deps = {
    server: sip.server,
    own: sip.own,
    account,
    store,
    callKeys,
    secret,
    nodeId,
    now,
    random: Math.random,
    log,
    wakeDeliveries,
    askForData,
    meter: metrics,
    sessionSeconds: config.SESSION_TIMER_SECONDS,
    probeSeconds: config.PROBE_SECONDS,
    sipMessages: keeper,
  };
  const calls = await startTelephony(deps);
  telephony = calls;
  accounts.watch(sip.own, async (changed) => {
    if (isInFile) await apply(changed);
    calls.useAccount(changed.account);
    sip.useAccount(changed.account);
  });
  process.on('SIGHUP', () => void accounts.reload());
  ready = true;
  log.info(
    {
      sip: sip.address,
      http: `${httpTlsOf(config) === undefined ? 'http' : 'https'}://${urlHost(config.HTTP_HOST)}:${http.port}`,
      account: isInFile ? config.ACCOUNT_FILE : 'in the database',
    },
    'ready',
  );

  onStopSignal(log, async () => {
    ready = false;
    await accounts.close();
    await drain(calls, config.DRAIN_SECONDS * 1000, log);
    await http.close();
    await scheduler.stop();
    await deliveries.stop();
    sender.close();
    calls.disconnect();
    await sip.close();
    await keeper?.close();
    await database.close();
  });
}

function httpTlsOf(config: Config): TlsFiles | undefined {
  const { HTTP_TLS_CERTIFICATE_FILE: certificateFile, HTTP_TLS_KEY_FILE: keyFile } = config;
  return certificateFile === undefined || keyFile === undefined ? undefined : { certificateFile, keyFile };
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
