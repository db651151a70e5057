import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import type { Finding } from './finding.ts';
import { runFuzz } from './fuzz.ts';
import { runLossy } from './lossy.ts';
import { runProduct } from './product.ts';
import { runSteady } from './steady.ts';

/** 64·T1 is then about 2.5 s. */
const timers = { t1: 40, t2: 320, t4: 400 };
const silently = (): void => {};
const broken = (findings: readonly Finding[]): Finding[] => findings.filter(({ isKept }) => !isKept);

describe.concurrent('a few seconds of what `npm run soak` does for minutes', () => {
  it('damaged messages over UDP, TCP and TLS neither fail calls nor leave anything behind', async () => {
    const findings = await runFuzz({ seconds: 3, seed: 4475, timers, progress: silently });
    expect(broken(findings)).toEqual([]);
  }, 60_000);

  it('calls over a network that loses, doubles, delays and reorders end cleanly', async () => {
    const findings = await runLossy({
      ...{ calls: 60, callsPerSecond: 30, seed: 3261, timers, progress: silently },
      weather: { lost: 0.2, duplicated: 0.1, delayed: 0.3, delayMs: 120 },
    });
    expect(broken(findings)).toEqual([]);
  }, 60_000);

  it('calls through the service over a bad network all end, none twice, no leg is left', async () => {
    const findings = await runProduct({ calls: 80, callsPerSecond: 20, seed: 8080, progress: silently });
    expect(broken(findings)).toEqual([]);
  }, 180_000);

  it('calls at one rate with a sale for some leave nothing behind but rows that add up', async () => {
    const findings = await runSteady({ seconds: 8, callsPerSecond: 10, progress: silently });
    // Of so short a time memory says nothing.
    expect(broken(findings).filter(({ promise }) => promise !== 'memory stays as it is')).toEqual([]);
  }, 90_000);
});

it('told to stop, it takes the SIPp and engines it started with it', async () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const soak = spawn(process.execPath, [main, '--only', 'dialogs'], { stdio: 'ignore' });
  const ended = once(soak, 'exit');
  const children = await waitFor('its children', () => {
    const pids = childrenOf(soak.pid!);
    return pids.length >= 3 ? pids : undefined;
  });
  soak.kill('SIGTERM');
  await ended;
  await waitFor('nothing to be left', () => children.every((pid) => !existsSync(`/proc/${pid}`)));
});

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}
