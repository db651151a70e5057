import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchThread } from '../../src/thread-watch.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const never = () => new Promise<void>(() => undefined);

it('a thread that answers is left alone', async () => {
  const onSilence = vi.fn();
  watchThread(async () => undefined, onSilence);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(onSilence).not.toHaveBeenCalled();
});

it('one that answers late, but answers, too', async () => {
  const onSilence = vi.fn();
  watchThread(() => new Promise((resolve) => setTimeout(resolve, 20_000)), onSilence);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(onSilence).not.toHaveBeenCalled();
});

it('one that is silent for half a minute counts as dead, once', async () => {
  const onSilence = vi.fn();
  watchThread(never, onSilence);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(onSilence).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(onSilence).toHaveBeenCalledOnce();
  expect(String(onSilence.mock.calls[0]?.[0])).toContain('no sign of life for 30 s');
});

it('asks no more once stopped', async () => {
  const [ask, onSilence] = [vi.fn(never), vi.fn()];
  watchThread(ask, onSilence).stop();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(ask).not.toHaveBeenCalled();
  expect(onSilence).not.toHaveBeenCalled();
});
