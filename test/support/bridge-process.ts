import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type LogLine = Record<string, unknown> & { level: string; msg: string };

export interface BridgeProcessOptions {
  /** Working directory: `account.yaml` stands there, `data` comes to be there. */
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  /** A program that runs it, and its arguments: `strace`, `prlimit` … */
  readonly under?: readonly string[];
  readonly nodeArguments?: readonly string[];
}

export interface BridgeExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as a process, ready or not. */
export interface BridgeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Log lines so far; what is no JSON is in `output` only. */
  readonly log: readonly LogLine[];
  /** Where it listens; rejects with what it wrote when it ends before, or takes too long. */
  readonly ready: Promise<{ readonly sip: string; readonly http: string }>;
  readonly exit: Promise<BridgeExit>;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<BridgeExit>;
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const START_LIMIT_MS = 15_000;
const LINES_SHOWN = 10;

/** Starts it on free loopback ports unless `settings` say otherwise. */
export function spawnBridge({ folder, settings, under = [], nodeArguments = [] }: BridgeProcessOptions): BridgeProcess {
  const defaults = { HTTP_PORT: '0', SIP_PORT: '0', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
  const [program = '', ...args] = [...under, process.execPath, ...nodeArguments, MAIN];
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...defaults, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exit = new Promise<BridgeExit>((resolve) => {
    child.once('close', (code, signal) => {
      process.off('exit', kill);
      resolve({ code, signal });
    });
  });
  const log: LogLine[] = [];
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<{ sip: string; http: string }>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    output += `${text}\n`;
    const line = parseLine(text);
    if (line === undefined) return;
    log.push(line);
    if (line.msg === 'ready') resolve({ sip: String(line['sip']), http: String(line['http']) });
  });
  const failed = (why: string) => reject(new Error(`the service ${why}\n${tail(output)}`));
  const limit = setTimeout(() => {
    failed('did not start in time');
    kill();
  }, START_LIMIT_MS);
  child.once('error', (error) => failed(`cannot be started: ${error.message}`));
  void exit.then(({ code, signal }) => failed(`ended with ${signal ?? `code ${code}`}`));
  ready.catch(() => undefined).finally(() => clearTimeout(limit));
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exit;
  };
  return { child, pid: child.pid ?? 0, log, ready, exit, output: () => output, end };
}

function parseLine(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}

function tail(output: string): string {
  return output.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
}
