import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { runFuzz } from './fuzz.ts';
import { runLossy } from './lossy.ts';

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
});
