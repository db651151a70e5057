import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface CliResult {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `bridge <name>` in a process of its own, with these settings and nothing else of the environment. */
export function runCli(
  name: string,
  args: readonly string[],
  settings: Record<string, string>,
  cwd: string,
): Promise<CliResult> {
  const entry = new URL('../../src/cli/bridge.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [entry, name, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...settings },
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output: texts.stdout, errors: texts.stderr }));
  });
}

/** A line with its runs of blanks made one, so that widths of columns do not matter. */
export function lines(text: string): string[] {
  return stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '));
}
