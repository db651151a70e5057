import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WriteProbe } from '../../src/write-probe.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('writes once a second, however many ask', async () => {
  let at = 0;
  const write = vi.fn(async () => undefined);
  const probe = new WriteProbe({ write, now: () => at });
  expect(await Promise.all([probe.succeeds(), probe.succeeds(), probe.succeeds()])).toEqual([true, true, true]);
  at = 999;
  await probe.succeeds();
  expect(write).toHaveBeenCalledOnce();
  at = 1_000;
  await probe.succeeds();
  expect(write).toHaveBeenCalledTimes(2);
});

it('a write that fails, or takes longer than two seconds, is none', async () => {
  const failing = new WriteProbe({ write: () => Promise.reject(new Error('disk full')) });
  expect(await failing.succeeds()).toBe(false);
  const hanging = new WriteProbe({ write: () => new Promise(() => undefined) }).succeeds();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await hanging).toBe(false);
});
