import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type CountedPeriod, periodAt } from '../../../src/domain/cap-period.ts';

const HOUR = 3_600_000;

const text = (per: CountedPeriod, zone: string, at: string) => {
  const { startsAt, endsAt } = periodAt(per, zone, Date.parse(at));
  return `${new Date(startsAt).toISOString().slice(0, 16)} ${new Date(endsAt).toISOString().slice(0, 16)}`;
};

describe('periods of caps, on the clocks of the buyer’s zone (semantics §6)', () => {
  it.each([
    ['hour', 'UTC', '2026-03-01T12:59:59.999Z', '2026-03-01T12:00 2026-03-01T13:00'],
    ['hour', 'Asia/Kolkata', '2026-03-01T12:29:59Z', '2026-03-01T11:30 2026-03-01T12:30'],
    ['hour', 'Asia/Kathmandu', '2026-03-01T12:15:00Z', '2026-03-01T12:15 2026-03-01T13:15'],
    ['day', 'America/New_York', '2026-03-01T04:59:59Z', '2026-02-28T05:00 2026-03-01T05:00'],
    ['day', 'America/New_York', '2026-03-01T05:00:00Z', '2026-03-01T05:00 2026-03-02T05:00'],
    ['month', 'America/New_York', '2026-03-01T04:59:59Z', '2026-02-01T05:00 2026-03-01T05:00'],
    ['month', 'Pacific/Auckland', '2026-02-28T11:00:00Z', '2026-02-28T11:00 2026-03-31T11:00'],
  ] as const)('%s in %s at %s', (per, zone, at, expected) => {
    expect(text(per, zone, at)).toBe(expected);
  });

  it.each([
    ['spring: 23 hours', 'America/New_York', '2026-03-08T12:00:00Z', '2026-03-08T05:00 2026-03-09T04:00'],
    ['autumn: 25 hours', 'America/New_York', '2026-11-01T05:30:00Z', '2026-11-01T04:00 2026-11-02T05:00'],
    ['a day without midnight', 'America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00 2018-11-05T02:00'],
    ['the day before it', 'America/Sao_Paulo', '2018-11-04T02:59:59Z', '2018-11-03T03:00 2018-11-04T03:00'],
    ['a day that ends twice', 'America/Sao_Paulo', '2018-02-18T02:30:00Z', '2018-02-17T02:00 2018-02-18T03:00'],
    ['half an hour', 'Australia/Lord_Howe', '2026-04-04T15:10:00Z', '2026-04-04T13:00 2026-04-05T13:30'],
  ])('day on which clocks change, %s', (_, zone, at, expected) => {
    expect(text('day', zone, at)).toBe(expected);
  });

  it('an hour that the clocks repeat is two hours', () => {
    expect(text('hour', 'America/New_York', '2026-11-01T05:30:00Z')).toBe('2026-11-01T05:00 2026-11-01T06:00');
    expect(text('hour', 'America/New_York', '2026-11-01T06:30:00Z')).toBe('2026-11-01T06:00 2026-11-01T07:00');
  });

  it('everything that ever was and will be is one period', () => {
    const total = periodAt('total', 'America/New_York', 1);
    expect(periodAt('total', 'UTC', Date.parse('2999-01-01'))).toEqual(total);
  });

  const zones = ['UTC', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Africa/Cairo', 'Asia/Beirut'];
  const zone = fc.constantFrom(...zones, 'Pacific/Apia', 'Australia/Lord_Howe', 'America/St_Johns');
  const instant = fc.integer({ min: Date.parse('2005-01-01'), max: Date.parse('2040-01-01') });

  it('an instant lies in its period, and so does the last one before the end', () => {
    fc.assert(
      fc.property(fc.constantFrom('hour', 'day', 'month'), zone, instant, (per, timeZone, now) => {
        const period = periodAt(per, timeZone, now);
        expect(period.startsAt).toBeLessThanOrEqual(now);
        expect(period.endsAt).toBeGreaterThan(now);
        expect(periodAt(per, timeZone, period.endsAt - 1).endsAt).toBe(period.endsAt);
      }),
      { numRuns: 2_000 },
    );
  });

  it('days and months follow each other without gap, from midnight of one date to that of another', () => {
    fc.assert(
      fc.property(fc.constantFrom('day', 'month'), zone, instant, (per, timeZone, now) => {
        const { startsAt, endsAt } = periodAt(per, timeZone, now);
        expect(periodAt(per, timeZone, endsAt).startsAt).toBe(endsAt);
        const dateAt = (at: number) =>
          DateTime.fromMillis(at, { zone: timeZone }).toFormat(per === 'day' ? 'D' : 'M y');
        expect(dateAt(startsAt)).toBe(dateAt(now));
        expect(dateAt(startsAt - 1)).not.toBe(dateAt(now));
        expect(dateAt(endsAt - 1)).toBe(dateAt(now));
        expect(dateAt(endsAt)).not.toBe(dateAt(now));
      }),
      { numRuns: 2_000 },
    );
  });

  it('an hour has sixty minutes', () => {
    fc.assert(
      fc.property(zone, instant, (timeZone, now) => {
        const { startsAt, endsAt } = periodAt('hour', timeZone, now);
        expect(endsAt - startsAt).toBe(HOUR);
      }),
    );
  });
});
