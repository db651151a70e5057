import { expect, it } from 'vitest';
import { type EndpointHealth, healthAfter } from '../../../src/domain/webhook-health.ts';

const DAY = 86_400_000;
const fine: EndpointHealth = { failingSince: null, offAt: null, offReason: null };
const failed = (at: number, isGone = false) => ({ at, isSuccess: false, isGone });
const succeeded = (at: number) => ({ at, isSuccess: true, isGone: false });

it('is switched off after five days of failures, not before (semantics §8)', () => {
  const since = healthAfter(fine, failed(1_000));
  expect(since).toEqual({ failingSince: 1_000, offAt: null, offReason: null });
  expect(healthAfter(since, failed(999 + 5 * DAY)).offAt).toBeNull();
  expect(healthAfter(since, failed(1_000 + 5 * DAY))).toEqual({
    failingSince: 1_000,
    offAt: 1_000 + 5 * DAY,
    offReason: 'failing',
  });
});

it('one success and the five days begin anew', () => {
  const recovered = healthAfter(healthAfter(fine, failed(1_000)), succeeded(4 * DAY));
  expect(recovered).toEqual(fine);
  expect(healthAfter(recovered, failed(6 * DAY)).offAt).toBeNull();
});

it('410 switches off at once', () => {
  expect(healthAfter(fine, failed(5, true))).toEqual({ failingSince: 5, offAt: 5, offReason: 'gone' });
});

it('what is off stays off: a person has to look', () => {
  const off = { failingSince: 1, offAt: 2, offReason: 'gone' } as const;
  expect(healthAfter(off, succeeded(9))).toEqual({ ...off, failingSince: null });
});
