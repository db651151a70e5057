import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { stringify } from 'yaml';
import { NUMBER, testAccount } from '../../test/support/account.ts';
import { freePort } from '../../test/support/free-port.ts';
import { startSipp } from '../../test/support/sipp.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { LoopDelay } from './loop-delay.ts';
import type { BenchTarget, PostbackTarget, RunningPostbackTarget, RunningTarget } from './target.ts';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 3_000;
/** Calls to post sales for. */
const SOLD_CALLS = 300;

/** Calls through the whole service: each one stored, durably, before it is answered. */
export const service: BenchTarget = {
  name: 'the service, every call stored',
  start: async (buyerPort) => {
    const { pid, sip, stop } = await startService(buyerPort);
    return { pid, sipPort: Number(sip.split(':').at(-1)), dialedNumber: NUMBER, stop };
  },
};

/** As `service`, with a webhook for each of a call's four steps, all to one receiver. */
export function serviceWithWebhooks(receiver: string): BenchTarget {
  const webhooks = ['start', 'selected', 'answered', 'ended'].map((trigger) => ({
    id: trigger,
    trigger,
    url: receiver,
  }));
  return {
    name: 'the service with webhooks',
    start: async (buyerPort) => {
      const settings = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32' };
      const { pid, sip, stop } = await startService(buyerPort, settings, undefined, { webhooks });
      return { pid, sipPort: Number(sip.split(':').at(-1)), dialedNumber: NUMBER, stop };
    },
  };
}

/** Postbacks to the whole service for calls that it has bridged before. */
export const servicePostbacks: PostbackTarget = {
  name: 'postbacks (set_value), durable',
  start: async () => startSoldService(await freePort()),
};

/** As `servicePostbacks`, and taking calls for the buyer on that port besides. */
export async function startSoldService(buyerPort: number): Promise<RunningPostbackTarget & RunningTarget> {
  const { pid, sip, http, stop } = await startService(buyerPort, { POSTBACKS_PER_SECOND: '1000000' });
  const calls = await makeCalls(sip, buyerPort);
  let n = 0;
  // Round after round, each with a revenue of its own: a value posted twice would be nothing to store.
  const nextPostbackPath = () => {
    const call = calls[n % calls.length];
    const cents = Math.floor(n / calls.length) + 1;
    n += 1;
    return `/calls/${call?.uuid}/set_value?key=${call?.key}&revenue=${(cents / 100).toFixed(2)}`;
  };
  const sipPort = Number(sip.split(':').at(-1));
  return { pid, sipPort, dialedNumber: NUMBER, baseUrl: http, nextPostbackPath, stop };
}

/** The service with what only measurements of its own need. */
export interface ServiceTarget extends RunningTarget {
  /** `host:port`. */
  readonly sip: string;
  readonly http: string;
  /** Calls whose rows say that they run. */
  openCalls(): Promise<number>;
  /** Calls that were up and ended by nobody's wish: not hung up by caller or buyer, or by when is not known. */
  lostCalls(): Promise<number>;
  /** How late the main thread was since this was asked last. */
  loopDelay(): Promise<LoopDelay>;
}

/** As `service`, and on a database that `prepare` has filled between two starts. */
export async function openService(buyerPort: number, prepare?: (file: string) => void): Promise<ServiceTarget> {
  const delayFolder = mkdtempSync(join(tmpdir(), 'loop-delay-'));
  const delayFile = join(delayFolder, 'delay.json');
  const watch = new URL('./loop-delay.ts', import.meta.url).href;
  const settings = { NODE_OPTIONS: `--import ${watch}`, LOOP_DELAY_FILE: delayFile };
  const started = await startService(buyerPort, settings, prepare);
  const { pid, sip, http, file } = started;
  const stop = async () => {
    await started.stop();
    rmSync(delayFolder, { recursive: true, force: true });
  };
  const loopDelay = async () => {
    rmSync(delayFile, { force: true });
    process.kill(pid, 'SIGWINCH');
    return waitFor('the delay of the loop', () => JSON.parse(readFileSync(delayFile, 'utf8')) as LoopDelay);
  };
  const countCalls = async (condition: string) => {
    const database = new Database(file, { readonly: true });
    try {
      return database.prepare<[], number>(`select count(*) from calls where ${condition}`).pluck().get() ?? 0;
    } finally {
      database.close();
    }
  };
  const openCalls = () => countCalls('ended_at is null');
  const lostCalls = () =>
    countCalls("answered_at is not null and (ended_at is null or end_estimated = 1 or hung_up_by = 'system')");
  return {
    pid,
    sip,
    http,
    sipPort: Number(sip.split(':').at(-1)),
    dialedNumber: NUMBER,
    openCalls,
    lostCalls,
    loopDelay,
    stop,
  };
}

interface RunningService {
  readonly pid: number;
  /** `host:port`. */
  readonly sip: string;
  readonly http: string;
  /** Of the database. */
  readonly file: string;
  stop(): Promise<void>;
}

/** The service as `npm start` runs it: account file, SQLite on disk, log at level info into a file. No webhooks unless given. */
async function startService(
  buyerPort: number,
  settings: Record<string, string> = {},
  prepare?: (file: string) => void,
  campaignSettings: object = {},
): Promise<RunningService> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
  const account = testAccount({ buyers: { A: [`sip:buyer@127.0.0.1:${buyerPort}`] }, campaignSettings });
  writeFileSync(join(folder, 'account.yaml'), stringify(account));
  const file = join(folder, 'data', 'bridge.sqlite');
  if (prepare !== undefined) {
    await (await launch(folder, settings)).end();
    prepare(file);
  }
  const { pid, sip, http, end } = await launch(folder, settings);
  const stop = async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  };
  return { pid, sip, http, file, stop };
}

async function launch(folder: string, settings: Record<string, string>) {
  const logFile = join(folder, 'service.log');
  const log = openSync(logFile, 'w');
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=8', '--initial-old-space-size=128', new URL('../../src/main.ts', import.meta.url).pathname],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HTTP_PORT: '0', SIP_PORT: '0', ...settings },
      stdio: ['ignore', log, log],
    },
  );
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const addresses = await waitFor('the service to be ready', () => readyLine(logFile), { timeoutMs: START_LIMIT_MS });
  const end = async () => {
    child.kill('SIGTERM');
    // Calls that overload has left open would be waited for.
    setTimeout(kill, STOP_LIMIT_MS).unref();
    await ended;
    process.off('exit', kill);
  };
  return { pid: child.pid ?? 0, ...addresses, end };
}

/** The log line that says that calls are taken. */
function readyLine(logFile: string): { sip: string; http: string } | undefined {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((text) => text.includes('"msg":"ready"'));
  return line === undefined ? undefined : (JSON.parse(line) as { sip: string; http: string });
}

/** Makes calls and takes what the buyer was given with each. */
async function makeCalls(sip: string, buyerPort: number): Promise<{ uuid: string; key: string }[]> {
  await using buyer = await startSipp('uas-answer-at-once-expect-bye', { port: buyerPort, calls: SOLD_CALLS });
  await using carrier = await startSipp('uac-answered-hangs-up', {
    ...{ remote: sip, dialedNumber: NUMBER, calls: SOLD_CALLS, rate: 100, set: { talk_ms: 50 } },
  });
  await Promise.all([carrier.exit, buyer.exit]);
  return buyer.messages().map((invite) => ({
    uuid: invite.header('X-PH-RetreaverUUID') ?? '',
    key: invite.header('X-PH-RetreaverKey') ?? '',
  }));
}
