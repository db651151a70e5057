import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';

/** The real service in a process of its own, on free loopback ports, as `npm start` runs it. */
export interface Bridge extends AsyncDisposable {
  /** `host:port` for SIP over UDP and TCP. */
  readonly sip: string;
  readonly http: string;
  readonly folder: string;
  readonly pid: number;
  /** Log lines so far. */
  readonly log: readonly LogLine[];
  call(uuid: string): Promise<CallJson>;
  calls(): Promise<CallJson[]>;
  postback(uuid: string, method: 'set_value' | 'add_tags', query: Record<string, string>): Promise<PostbackReply>;
  /** SIGKILL, as a power cut; the data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts again on the same data. */
  restart(): Promise<Bridge>;
  stop(): Promise<void>;
}

export type LogLine = Record<string, unknown> & { level: string; msg: string };

// biome-ignore lint/suspicious/noExplicitAny: the API's JSON, asserted on field by field
export type CallJson = Record<string, any>;

export interface PostbackReply {
  readonly status: number;
  readonly body: CallJson;
}

const START_LIMIT_MS = 15_000;

/** Starts the service with this account (the account file as an object) and these settings beside free ports. */
export async function startBridge(account: object, settings: Record<string, string> = {}): Promise<Bridge> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-test-'));
  writeFileSync(join(folder, 'account.yaml'), stringify(account));
  return launch(folder, settings);
}

async function launch(folder: string, settings: Record<string, string>): Promise<Bridge> {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const env = { PATH: process.env['PATH'], HTTP_PORT: '0', SIP_PORT: '0', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const log: LogLine[] = [];
  const { sip, http } = await ready(child, log);

  const end = async (signal: NodeJS.Signals) => {
    process.off('exit', kill);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  const getJson = async (path: string) => (await fetch(`${http}${path}`)).json() as Promise<CallJson>;
  const stop = async () => {
    await end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    sip,
    http,
    folder,
    pid: child.pid ?? 0,
    log,
    call: (uuid) => getJson(`/api/calls/${uuid}`),
    calls: async () => (await getJson('/api/calls'))['calls'],
    postback: async (uuid, method, query) => {
      const response = await fetch(`${http}/calls/${uuid}/${method}?${new URLSearchParams(query)}`);
      return { status: response.status, body: (await response.json()) as CallJson };
    },
    kill: () => end('SIGKILL'),
    restart: () => launch(folder, settings),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function ready(child: ChildProcess, log: LogLine[]): Promise<{ sip: string; http: string }> {
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`the service did not start in time\n${complaints}`)),
      START_LIMIT_MS,
    );
    child.once('exit', (code) =>
      reject(new Error(`the service ended with code ${code}\n${complaints}${logTail(log)}`)),
    );
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as LogLine;
      log.push(line);
      if (line.msg !== 'ready') return;
      clearTimeout(limit);
      resolve({ sip: String(line['sip']), http: String(line['http']) });
    });
  });
}

function logTail(log: readonly LogLine[]): string {
  return log
    .slice(-10)
    .map((line) => JSON.stringify(line))
    .join('\n');
}
