import { spawn } from 'node:child_process';
import type { SippFiles } from './sipp-files.ts';
import type { SippStats } from './sipp-stats.ts';
import { summarize } from './sipp-trace.ts';

export interface SippExit extends SippStats {
  readonly code: number | null;
  /** `stop()` ended it: no failure, whatever the code. */
  readonly stopped: boolean;
}

export interface SippRun {
  readonly pid: number;
  readonly exit: Promise<SippExit>;
  stop(): Promise<void>;
}

/** How long `stop()` lets SIPp finish by itself; with a call open it never would. */
const STOP_GRACE_MS = 250;
const LINES_OF_ERRORS = 40;
const LINES_OF_MESSAGES = 20;

const killers = new Set<() => void>();
process.once('exit', () => {
  for (const kill of killers) kill();
});

/** Runs SIPp until it ends, is stopped or takes too long; then nothing of it is left, neither process nor file. */
export function runSipp(title: string, args: string[], files: SippFiles, timeoutMs: number): SippRun {
  const child = spawn('sipp', args, { cwd: files.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise: exit, resolve, reject } = Promise.withResolvers<SippExit>();
  let ending: 'by itself' | 'stopped' | 'timed out' = 'by itself';
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });

  const killNow = () => {
    child.kill('SIGKILL');
    files.remove();
  };
  killers.add(killNow);
  const deadline = setTimeout(() => {
    ending = 'timed out';
    child.kill('SIGKILL');
  }, timeoutMs);

  const end = (code: number | null, failure?: Error) => {
    clearTimeout(deadline);
    killers.delete(killNow);
    files.close();
    const stopped = ending === 'stopped';
    if (failure === undefined && (code === 0 || stopped)) return resolve({ ...files.stats(), code, stopped });
    const fate = ending === 'timed out' ? `did not end within ${timeoutMs} ms` : `ended with code ${code}`;
    reject(failure ?? new Error(describeFailure(`SIPp ${title} ${fate}`, files, complaints, args)));
  };
  child.once('error', (cause) => {
    end(null, new Error('sipp cannot be started; "node scripts/install-sipp.mjs" installs it', { cause }));
  });
  child.once('close', (code) => end(code));
  // A test that has failed elsewhere never awaits this; who awaits it still gets the rejection.
  exit.catch(() => {});

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      if (ending === 'by itself') ending = 'stopped';
      child.kill('SIGUSR1');
      setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref();
    }
    await exit.catch(() => {});
  };
  return { pid: child.pid ?? 0, exit, stop };
}

/** What a person needs who sees only this: counts, SIPp's complaints, the last messages, the command. */
function describeFailure(headline: string, files: SippFiles, complaints: string, args: string[]): string {
  const { created, successful, failed, failures } = files.stats();
  const reasons = Object.entries(failures).map(([reason, count]) => `${reason} ${count}`);
  const errors = (files.errors() || complaints).trim().split(/\r?\n/).slice(-LINES_OF_ERRORS);
  const messages = files.trace().map(summarize);
  return [
    `${headline}: ${created} calls, ${successful} successful, ${failed} failed ${reasons.join(', ')}`.trimEnd(),
    ...['SIPp says:', ...errors.map((line) => `  ${line}`)],
    `Last messages of ${messages.length}:`,
    ...messages.slice(-LINES_OF_MESSAGES).map((line) => `  ${line}`),
    `Command: sipp ${args.join(' ')}`,
  ].join('\n');
}
