import { describe, expect, it } from 'vitest';
import type { Cap } from '../../../src/domain/buyer.ts';
import { type BuyerLoad, firstReachedCap, periodsToCount } from '../../../src/domain/caps.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const timeZone = 'America/New_York';

const connections = (per: Cap['per'], limit: number): Cap => ({ per, limit, counts: 'connections' });
const conversions = (per: Cap['per'], limit: number): Cap => ({ per, limit, counts: 'conversions' });

/** All periods of these caps counted so often. */
function loaded(caps: readonly Cap[], count: number, lines = 0, dialing = 0): BuyerLoad {
  const counted = periodsToCount({ caps, timeZone }, NOW).map((period) => ({ ...period, count }));
  return { now: NOW, lines, dialing, counted };
}

describe('caps of a buyer (semantics §6)', () => {
  it.each([
    [connections('concurrent', 10), 0, 9, 9, undefined],
    [connections('concurrent', 10), 0, 10, 0, '10 of 10 concurrent calls'],
    [conversions('concurrent', 10), 0, 12, 0, '12 of 10 concurrent calls'],
    [connections('concurrent', 0), 0, 0, 0, '0 of 0 concurrent calls'],
    [connections('day', 50), 49, 20, 0, undefined],
    [connections('day', 50), 50, 0, 0, '50 of 50 connections today (America/New_York)'],
    [connections('day', 50), 48, 3, 1, undefined],
    [connections('day', 50), 48, 3, 2, '48 of 50 connections today (America/New_York), and 2 being dialled'],
    [connections('hour', 5), 5, 0, 0, '5 of 5 connections this hour (America/New_York)'],
    [connections('month', 5), 6, 0, 0, '6 of 5 connections this month (America/New_York)'],
    [connections('total', 5), 5, 0, 0, '5 of 5 connections in total'],
    [conversions('total', 5), 4, 9, 9, undefined],
    [conversions('day', 5), 5, 9, 9, '5 of 5 conversions today (America/New_York)'],
  ])('%o with %i counted, %i lines, %i of them dialled', (cap, count, lines, dialing, expected) => {
    const load = loaded([cap], count, lines, dialing);
    expect(firstReachedCap({ caps: [cap], timeZone }, load)).toBe(expected);
  });

  it('without caps there is no limit', () => {
    expect(firstReachedCap({ caps: [], timeZone }, loaded([], 0, 1e6, 1e6))).toBeUndefined();
  });

  it('the reason is that there is no line, else the first cap in the list that is reached', () => {
    const caps = [connections('total', 9), connections('hour', 3), connections('day', 3), connections('concurrent', 3)];
    expect(firstReachedCap({ caps, timeZone }, loaded(caps, 3, 2))).toMatch(/this hour/);
    expect(firstReachedCap({ caps, timeZone }, loaded(caps, 3, 3))).toBe('3 of 3 concurrent calls');
  });

  it('connections and conversions of one period are counted apart', () => {
    const caps = [connections('day', 2), conversions('day', 2)];
    const [first, second] = periodsToCount({ caps, timeZone }, NOW);
    const counted = [
      { ...first!, count: 1 },
      { ...second!, count: 2 },
    ];
    const load = { now: NOW, lines: 0, dialing: 0, counted };
    expect(firstReachedCap({ caps, timeZone }, load)).toMatch(/conversions/);
  });
});
