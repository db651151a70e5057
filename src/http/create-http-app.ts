import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Clock } from '../clock.ts';
import type { CallKeys } from '../domain/call-key.ts';
import type { PostbackTokens } from '../domain/postback-token.ts';
import type { Logger } from '../log.ts';
import { type AuthenticationDeps, authenticate } from './access/authenticate.ts';
import { type ChangeLogDeps, changeLog } from './access/change-log.ts';
import { guard } from './access/guard.ts';
import { type OnceDeps, once } from './access/once.ts';
import { hardeningHeaders } from './hardening-headers.ts';
import { type PostbackLimitSizes, PostbackLimits } from './postback/postback-limits.ts';
import { HttpProblem, sendProblem } from './problem.ts';
import { requestLog } from './request-log.ts';
import { type RequestMeter, requestMeter } from './request-meter.ts';
import { type AccountRouteDeps, accountRoutes } from './routes/account.ts';
import { apiDocsRoutes } from './routes/api-docs.ts';
import { type ApiTokenDeps, apiTokenRoutes } from './routes/api-tokens.ts';
import { type CallRouteDeps, callRoutes } from './routes/calls.ts';
import { type ChangeRouteDeps, changeRoutes } from './routes/changes.ts';
import { conversionTrialRoutes } from './routes/conversion-trial.ts';
import { type DryRunDeps, dryRunRoutes } from './routes/dry-run.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { type InstructionDeps, operatorInstructionRoutes, partnerInstructionRoutes } from './routes/instructions.ts';
import { type MetricsSource, metricsRoutes } from './routes/metrics.ts';
import { type MoneyRouteDeps, moneyRoutes } from './routes/money.ts';
import { type PostbackLogDeps, postbackLogRoutes } from './routes/postback-log.ts';
import { type PostbackTokenDeps, postbackTokenRoutes } from './routes/postback-tokens.ts';
import { type PostbackDeps, postbackRoutes } from './routes/postbacks.ts';
import { type ReportDeps, reportRoutes } from './routes/reports.ts';
import { type SipMessageRouteDeps, sipMessageRoutes } from './routes/sip-messages.ts';
import { type TokenPostbackDeps, tokenPostbackRoutes } from './routes/token-postbacks.ts';
import { type WebhookRouteDeps, webhookRoutes } from './routes/webhooks.ts';

export interface HttpAppDeps
  extends Pick<DryRunDeps, 'account' | 'isReachable'>,
    Pick<CallRouteDeps, 'liveCalls'>,
    Pick<AccountRouteDeps, 'accountSource' | 'own' | 'accountChanged'> {
  readonly store: PostbackDeps['store'] &
    CallRouteDeps['store'] &
    MoneyRouteDeps['store'] &
    DryRunDeps['store'] &
    PostbackLogDeps['store'] &
    PostbackTokenDeps['store'] &
    TokenPostbackDeps['store'] &
    WebhookRouteDeps['store'] &
    SipMessageRouteDeps['store'] &
    ReportDeps['store'] &
    AccountRouteDeps['store'] &
    ApiTokenDeps['store'] &
    AuthenticationDeps['store'] &
    ChangeLogDeps['store'] &
    ChangeRouteDeps['store'] &
    OnceDeps['store'] &
    InstructionDeps['store'];
  readonly callKeys: CallKeys;
  readonly postbackTokens: PostbackTokens;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wakeDeliveries: () => void;
  readonly readiness: Readiness;
  readonly trials: WebhookRouteDeps['trials'];
  /** Without one only this machine itself may read calls. */
  readonly operatorToken?: string | undefined;
  /** Addresses and blocks of reverse proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly limits?: PostbackLimitSizes | undefined;
  readonly requestMeter?: RequestMeter | undefined;
  readonly metrics?: MetricsSource | undefined;
  /** How partners reach the service, for the instructions they are sent. */
  readonly publicUrl?: string | undefined;
}

/** The HTTP side of the service: postbacks for buyers, calls for operators, health for machines. */
export function createHttpApp(deps: HttpAppDeps): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.set('trust proxy', deps.trustedProxies === undefined ? false : [...deps.trustedProxies]);
  app.use(hardeningHeaders());
  if (deps.requestMeter !== undefined) app.use(requestMeter(deps.requestMeter));
  if (deps.log.isLevelEnabled('debug')) app.use(requestLog(deps.log));
  const limited = { ...deps, limits: new PostbackLimits(deps.limits) };
  app.use(postbackRoutes(limited), tokenPostbackRoutes(limited), partnerInstructionRoutes(limited));
  app.use(healthRoutes(deps.readiness), apiDocsRoutes());
  const auth = authenticate(deps);
  if (deps.metrics !== undefined) app.use(metricsRoutes(auth, deps.metrics));
  app.use(
    '/api/v1',
    auth,
    guard(),
    once(deps),
    changeLog(deps),
    callRoutes(deps),
    reportRoutes(deps),
    sipMessageRoutes(deps),
    moneyRoutes(deps),
    dryRunRoutes(deps),
    conversionTrialRoutes(deps),
    postbackLogRoutes(deps),
    postbackTokenRoutes(deps),
    operatorInstructionRoutes(limited),
    webhookRoutes(deps),
    accountRoutes(deps),
    apiTokenRoutes(deps),
    changeRoutes(deps),
  );
  app.use(() => {
    throw new HttpProblem('not_found', 'There is nothing here.');
  });
  app.use(problemHandler(deps.log));
  return app;
}

/** The one place where an error of a route becomes an answer (style §3.3). */
function problemHandler(log: Logger): ErrorRequestHandler {
  return (err, _req, res, next) => {
    if (res.headersSent) return next(err);
    if (err instanceof URIError) return void sendProblem(res, new HttpProblem('not_found', 'There is nothing here.'));
    if (sendProblem(res, err)) log.error({ err }, 'request failed');
  };
}
