import { describe, expect, it } from 'vitest';
import { type Load, OverloadGuard } from '../../../sip/engine/overload/overload-guard.ts';

const idle: Load = { lagMs: 0, receiveQueueShare: 0.2, applicationLagMs: 2, queuedBytes: 0, waitingInvites: 3 };
const limits: Load = {
  lagMs: 100,
  receiveQueueShare: 0.5,
  applicationLagMs: 250,
  queuedBytes: 1_000,
  waitingInvites: 10,
};

const taken = (guard: OverloadGuard, offered: number): number =>
  Array.from({ length: offered }, () => guard.admits()).filter(Boolean).length;

describe('overload guard', () => {
  it('takes every call while no limit is exceeded', () => {
    const guard = new OverloadGuard(limits);
    guard.sample(idle);
    expect(taken(guard, 100)).toBe(100);
    expect(guard.exceeded()).toEqual([]);
  });

  it.each(Object.keys(limits) as (keyof Load)[])('takes fewer when %s stays above its limit', (name) => {
    const guard = new OverloadGuard(limits);
    for (let n = 0; n < 3; n += 1) {
      expect(guard.share).toBe(1);
      guard.sample({ ...idle, [name]: limits[name] * 2 });
    }
    expect(guard.exceeded()).toEqual([name]);
    expect(Math.abs(taken(guard, 100) - 70)).toBeLessThanOrEqual(1);
  });

  it('takes fewer and fewer while the overload lasts, yet some, spread evenly', () => {
    const guard = new OverloadGuard(limits);
    const shares = Array.from({ length: 20 }, () => {
      guard.sample({ ...idle, lagMs: 500 });
      return guard.share;
    });
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(guard.share).toBe(0.02);
    const decisions = Array.from({ length: 200 }, () => guard.admits());
    expect(decisions.flatMap((admitted, at) => (admitted ? [at % 50] : []))).toHaveLength(4);
  });

  it('recovers slowly, to all calls again', () => {
    const guard = new OverloadGuard(limits);
    for (let n = 0; n < 20; n += 1) guard.sample({ ...idle, lagMs: 500 });
    guard.sample(idle);
    expect(guard.share).toBeCloseTo(0.04);
    for (let n = 0; n < 50; n += 1) guard.sample(idle);
    expect(taken(guard, 100)).toBe(100);
  });
});
