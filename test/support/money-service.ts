import type { Account, Campaign } from '../../src/domain/account.ts';
import { CallKeys } from '../../src/domain/call-key.ts';
import { PostbackTokens } from '../../src/domain/postback-token.ts';
import { createHttpApp, type HttpAppDeps } from '../../src/http/create-http-app.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { createLog } from '../../src/log.ts';
import { HttpSender } from '../../src/webhooks/http-sender.ts';
import { WebhookTrials } from '../../src/webhooks/webhook-trial.ts';
import { acceptanceAccount, DAY, SECOND, T0 } from './acceptance-calls.ts';
import { type CallStore, databases, type TestDatabase } from './databases.ts';

/** The real HTTP server over a real database, without telephony; its clock is turned by hand. */
export interface MoneyService extends AsyncDisposable {
  readonly url: string;
  readonly store: CallStore;
  readonly keys: CallKeys;
  /** What the service has logged. */
  readonly log: readonly Record<string, unknown>[];
  readonly clock: { at: number };
  configure(changes?: Partial<Campaign>): Promise<void>;
  /** One request; `path` as it goes on the wire. */
  send(path: string, init?: RequestInit & { readonly from?: string }): Promise<Reply>;
  /** `set_value` or `add_tags` with the right key, by GET. */
  postback(uuid: string, query: string, verb?: 'set_value' | 'add_tags'): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the API's JSON, asserted on field by field
  readonly body: any;
}

const KEY_SECRET = 'a secret of the tests';

/** Starts it with the account of the acceptance table; the clock stands at T0 + 10 s. */
export async function startMoneyService(changes: Partial<HttpAppDeps> = {}): Promise<MoneyService> {
  const database: TestDatabase = await databases[0]!.open();
  const { store } = database;
  const keys = new CallKeys([{ version: 1, secret: KEY_SECRET }]);
  const clock = { at: T0 + 10 * SECOND };
  const log: Record<string, unknown>[] = [];
  const sender = new HttpSender({ allowedNetworks: ['127.0.0.0/8'] });
  let current: Account = acceptanceAccount();
  const listener = createHttpApp({
    store,
    callKeys: keys,
    postbackTokens: new PostbackTokens([{ version: 1, secret: KEY_SECRET }]),
    clock: { now: () => clock.at },
    log: createLog('info', { write: (line) => void log.push(JSON.parse(line)) }),
    wakeDeliveries: () => undefined,
    account: () => current,
    trials: new WebhookTrials(sender, { callKeys: keys, signingSecret: KEY_SECRET }, () => clock.at),
    readiness: async () => ({}),
    trustedProxies: ['127.0.0.1'],
    ...changes,
  });
  const server = await startHttpServer({ listener, host: '127.0.0.1', port: 0, log: createLog('silent') });
  const url = `http://127.0.0.1:${server.port}`;
  const apply = (account: Account) => {
    current = account;
    return store.applyAccount({ account, now: T0 - DAY });
  };
  await apply(acceptanceAccount());
  const send: MoneyService['send'] = async (path, { from, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (from !== undefined) headers.set('x-forwarded-for', from);
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  return {
    url,
    store,
    keys,
    log,
    clock,
    send,
    configure: async (changed = {}) => void (await apply(acceptanceAccount(changed))),
    postback: (uuid, query, verb = 'set_value') => send(`/calls/${uuid}/${verb}?key=${keys.derive(uuid)}&${query}`),
    async [Symbol.asyncDispose]() {
      await server.close(0);
      sender.close();
      await database.remove();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
