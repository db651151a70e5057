import { describe, expect, it } from 'vitest';
import type { SkippedBuyer, SkipReason } from '../../../src/domain/routing.ts';
import { chancesToBeFirst, traceOf, withSkips } from '../../../src/domain/routing-trace.ts';
import { aBuyer } from '../../support/account-builders.ts';

const skip = (buyerId: string, reason: SkipReason = 'paused'): SkippedBuyer => ({ buyerId, reason, detail: 'why' });
const many = (count: number, reason: SkipReason = 'paused') =>
  Array.from({ length: count }, (_, index) => skip(`${reason}-${index}`, reason));
const candidate = (id: string) => ({ buyers: [aBuyer(id)], priority: 1, weight: 1 });

describe('what is kept of a plan', () => {
  it('ids, priorities and weights, not whole buyers', () => {
    const plan = {
      candidates: [{ buyers: [aBuyer('A'), aBuyer('B')], priority: 1, weight: 3, isPreviousBuyer: true as const }],
      skipped: [skip('C')],
    };
    expect(traceOf(plan)).toEqual({
      candidates: [{ buyerIds: ['A', 'B'], priority: 1, weight: 3, isPreviousBuyer: true }],
      candidatesLeftOut: 0,
      skipped: [skip('C')],
      skippedLeftOut: {},
    });
  });

  it('the first 50 candidates and 100 skips, the rest by number', () => {
    const candidates = Array.from({ length: 1_000 }, (_, index) => candidate(`${index}`));
    const trace = traceOf({ candidates, skipped: [...many(99), ...many(3, 'unhealthy'), ...many(5)] });
    expect([trace.candidates.length, trace.candidatesLeftOut]).toEqual([50, 950]);
    expect([trace.skipped.length, trace.skippedLeftOut]).toEqual([100, { unhealthy: 2, paused: 5 }]);
  });

  it('a long detail is cut, never through a character', () => {
    const trace = traceOf({
      candidates: [],
      skipped: [{ ...skip('A'), detail: `${'x'.repeat(298)}${'😀'.repeat(10)}` }],
    });
    expect(trace.skipped[0]?.detail).toHaveLength(300);
    expect(trace.skipped[0]?.detail.isWellFormed()).toBe(true);
  });
});

describe('what is skipped while dialling', () => {
  const full = traceOf({ candidates: [], skipped: many(150) });

  it('has room of its own, and is told once', () => {
    const trace = withSkips(withSkips(full, [skip('A', 'cap_reached')]), [skip('A', 'cap_reached'), skip('B', 'loop')]);
    expect(trace.skipped.slice(100)).toEqual([skip('A', 'cap_reached'), skip('B', 'loop')]);
    expect(trace.skippedLeftOut).toEqual({ paused: 50 });
  });

  it('is bounded too', () => {
    const trace = withSkips(full, many(150, 'cap_reached'));
    expect(trace.skipped).toHaveLength(200);
    expect(trace.skippedLeftOut).toEqual({ paused: 50, cap_reached: 50 });
    expect(JSON.stringify(trace).length).toBeLessThan(100_000);
  });
});

describe('chance to be dialled first', () => {
  const turn = (priority: number, weight: number, previous = false) => ({
    priority,
    weight,
    ...(previous ? { isPreviousBuyer: true as const } : {}),
  });

  it.each([
    ['nobody', [], []],
    ['one', [turn(1, 5)], [1]],
    ['by weight', [turn(1, 70), turn(1, 20), turn(1, 10)], [0.7, 0.2, 0.1]],
    ['later priorities have none', [turn(1, 1), turn(1, 1), turn(2, 100)], [0.5, 0.5, 0]],
    ['a previous buyer has all', [turn(3, 1, true), turn(1, 1), turn(1, 1)], [1, 0, 0]],
  ])('%s', (_, turns, expected) => {
    expect(chancesToBeFirst(turns)).toEqual(expected);
  });
});
