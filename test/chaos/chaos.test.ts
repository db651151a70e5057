import { expect, it } from 'vitest';
import { runChaos } from './run-chaos.ts';

it('killed five times at random points under calls, postbacks and webhooks, the service loses nothing', async () => {
  const report = await runChaos({ rounds: 5, seconds: 30, seed: 20, onRound: () => undefined });
  expect(report.broken).toEqual([]);
  expect(report.rounds).toBe(5);
  expect(report.answered).toBeGreaterThan(20);
  expect(report.acknowledged).toBeGreaterThan(20);
}, 120_000);
