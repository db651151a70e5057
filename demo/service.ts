import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface RunningService {
  /** `host:port` for SIP over UDP and TCP. */
  readonly sip: string;
  readonly http: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/** Starts the real service in a process of its own, on free loopback ports, and waits until it takes calls. */
export async function startService(folder: string, accountFile: string): Promise<RunningService> {
  const logFile = join(folder, 'service.log');
  const log = createWriteStream(logFile);
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      ACCOUNT_FILE: accountFile,
      DATA_DIR: join(folder, 'data'),
      HTTP_PORT: '0',
      SIP_PORT: '0',
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  child.stderr.pipe(log, { end: false });
  const ready = new Promise<{ sip: string; http: string }>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`the service did not start; its log: ${logFile}`)), START_LIMIT_MS);
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}; its log: ${logFile}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`);
      const started = readyLine(line);
      if (started === undefined) return;
      clearTimeout(limit);
      resolve(started);
    });
  });
  const { sip, http } = await ready;
  return { sip, http, logFile, stop: () => stop(child) };
}

/** The log line with which the service says that it takes calls. */
function readyLine(line: string): { sip: string; http: string } | undefined {
  if (!line.includes('"ready"')) return undefined;
  const { msg, sip, http } = JSON.parse(line) as { msg: string; sip: string; http: string };
  return msg === 'ready' ? { sip, http } : undefined;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
