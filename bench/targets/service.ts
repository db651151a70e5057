import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { NUMBER, testAccount } from '../../test/support/account.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { BenchTarget } from './target.ts';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 3_000;

/** The service as `npm start` runs it: account file, SQLite on disk, log at level info into a file. No webhooks. */
export const service: BenchTarget = {
  name: 'the service, every call stored',
  start: async (buyerPort) => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
    const logFile = join(folder, 'service.log');
    writeFileSync(
      join(folder, 'account.yaml'),
      stringify(testAccount({ buyers: { A: [`sip:buyer@127.0.0.1:${buyerPort}`] } })),
    );
    const log = openSync(logFile, 'w');
    const main = new URL('../../src/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [main], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HTTP_PORT: '0', SIP_PORT: '0' },
      stdio: ['ignore', log, log],
    });
    const ended = once(child, 'exit');
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const sip = await waitFor('the service to be ready', () => readyAddress(logFile), { timeoutMs: START_LIMIT_MS });
    return {
      pid: child.pid ?? 0,
      sipPort: Number(sip.split(':').at(-1)),
      dialedNumber: NUMBER,
      stop: async () => {
        child.kill('SIGTERM');
        // Calls that overload has left open would be waited for.
        setTimeout(kill, STOP_LIMIT_MS).unref();
        await ended;
        process.off('exit', kill);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

/** `host:port` from the log line that says that calls are taken. */
function readyAddress(logFile: string): string | undefined {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((text) => text.includes('"msg":"ready"'));
  return line === undefined ? undefined : (JSON.parse(line) as { sip: string }).sip;
}
