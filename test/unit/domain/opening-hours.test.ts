import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpeningHours, Weekday } from '../../../src/domain/buyer.ts';
import { Schedule, whyClosed } from '../../../src/domain/opening-hours.ts';
import { slowIsOpen, slowWhyClosed } from '../../support/slow-opening-hours.ts';

const at = (text: string) => Date.parse(text);

/** `1-5 09:00-17:00` */
function block(text: string): OpeningHours {
  const [days = '', times = ''] = text.split(' ');
  const [first = 1, last = first] = days.split('-').map(Number);
  const [fromMinute = 0, toMinute = 0] = times.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * 60 + minutes;
  });
  const all = Array.from({ length: last - first + 1 }, (_, index) => (first + index) as Weekday);
  return { days: all, fromMinute, toMinute };
}

const why = (timeZone: string, blocks: readonly string[], instant: string) =>
  whyClosed({ timeZone, openingHours: blocks.map(block) }, at(instant));

const NEW_YORK = 'America/New_York';
const office = ['1-5 09:00-17:00'];

describe('opening hours (semantics §6)', () => {
  it('without blocks a buyer is always open', () => {
    expect(why(NEW_YORK, [], '2026-11-01T03:30Z')).toBeUndefined();
  });

  it.each([
    ['the first minute', '2026-06-01T13:00Z', undefined],
    ['the last minute', '2026-06-01T20:59:59.999Z', undefined],
    ['the minute before', '2026-06-01T12:59Z', 'closed: it is Mon 08:59 in America/New_York, opens Mon 09:00'],
    ['the end', '2026-06-01T21:00Z', 'closed: it is Mon 17:00 in America/New_York, opens Tue 09:00'],
    ['the weekend', '2026-06-06T16:00Z', 'closed: it is Sat 12:00 in America/New_York, opens Mon 09:00'],
    [
      'Monday in UTC, Sunday there',
      '2026-06-01T02:00Z',
      'closed: it is Sun 22:00 in America/New_York, opens Mon 09:00',
    ],
  ])('office hours: %s', (_, instant, expected) => {
    expect(why(NEW_YORK, office, instant)).toBe(expected);
  });

  it.each([
    ['Sat 23:00', '2026-06-07T03:00Z', true],
    ['Sun 01:59', '2026-06-07T05:59Z', true],
    ['Sun 02:00', '2026-06-07T06:00Z', false],
    ['Sat 01:00: no block starts on Friday', '2026-06-06T05:00Z', false],
  ])('a block over midnight belongs to the day on which it starts: %s', (_, instant, open) => {
    expect(why(NEW_YORK, ['6 22:00-02:00'], instant) === undefined).toBe(open);
  });

  it("Sunday's night goes on into Monday", () => {
    expect(why('UTC', ['7 22:00-02:00'], '2026-06-08T01:59Z')).toBeUndefined();
    expect(why('UTC', ['7 22:00-02:00'], '2026-06-08T02:00Z')).toBe('closed: it is Mon 02:00 in UTC, opens Sun 22:00');
    expect(why('UTC', ['7 22:00-02:00'], '2026-06-07T21:00Z')).toBe('closed: it is Sun 21:00 in UTC, opens Sun 22:00');
    expect(why('UTC', ['1 00:00-01:00'], '2026-06-08T01:00Z')).toBe(
      'closed: it is Mon 01:00 in UTC, opens next Mon 00:00',
    );
  });

  it('24:00 is the end of the day', () => {
    expect(why('UTC', ['1 00:00-24:00'], '2026-06-01T23:59Z')).toBeUndefined();
    expect(why('UTC', ['1 00:00-24:00'], '2026-06-02T00:00Z')).toMatch(/it is Tue 00:00 in UTC, opens Mon 00:00$/);
  });
});

describe('when clocks change', () => {
  it.each([
    ['07:00Z is 03:00, not 02:00: opens at once', '2026-03-08T07:00Z', undefined],
    ['a minute before', '2026-03-08T06:59Z', 'closed: it is Sun 01:59 in America/New_York, opens Sun 03:00'],
  ])('spring: a block that begins in the hour that is skipped: %s', (_, instant, expected) => {
    expect(why(NEW_YORK, ['7 02:15-05:00'], instant)).toBe(expected);
  });

  it('spring: a block inside the hour that is skipped does not happen', () => {
    expect(why(NEW_YORK, ['7 02:15-02:45'], '2026-03-08T06:59Z')).toBe(
      'closed: it is Sun 01:59 in America/New_York, opens next Sun 02:15',
    );
  });

  it.each([
    ['01:15 for the first time', '2026-11-01T05:15Z', undefined],
    ['01:45 for the first time', '2026-11-01T05:45Z', 'closed: it is Sun 01:45 in America/New_York, opens Sun 01:00'],
    ['01:15 again', '2026-11-01T06:15Z', undefined],
    ['01:45 again', '2026-11-01T06:45Z', 'closed: it is Sun 01:45 in America/New_York, opens next Sun 01:00'],
  ])('autumn: a block in the hour that comes twice is open twice: %s', (_, instant, expected) => {
    expect(why(NEW_YORK, ['7 01:00-01:30'], instant)).toBe(expected);
  });

  it('the example of the dry run: Sunday night in New York, in standard time by then', () => {
    expect(why(NEW_YORK, office, '2026-11-01T08:30Z')).toBe(
      'closed: it is Sun 03:30 in America/New_York, opens Mon 09:00',
    );
  });

  it('Lord Howe moves by half an hour', () => {
    // 2026-04-05 02:00 +11:00 becomes 01:30 +10:30
    expect(why('Australia/Lord_Howe', ['7 01:30-01:45'], '2026-04-04T14:40Z')).toBeUndefined();
    expect(why('Australia/Lord_Howe', ['7 01:30-01:45'], '2026-04-04T14:50Z')).toMatch(/opens Sun 01:30$/);
    expect(why('Australia/Lord_Howe', ['7 01:30-01:45'], '2026-04-04T15:10Z')).toBeUndefined();
  });
});

const ZONES = [NEW_YORK, 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kathmandu', 'UTC'];
const CHANGES = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-09-06', '2026-10-04', '2026-10-25', '2026-11-01'];

const anyBlock = fc
  .record({
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }) as fc.Arbitrary<Weekday[]>,
    fromMinute: fc.oneof(fc.integer({ min: 0, max: 240 }), fc.integer({ min: 0, max: 1439 })),
    toMinute: fc.oneof(fc.integer({ min: 1, max: 240 }), fc.integer({ min: 1, max: 1440 })),
  })
  .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute);

/** Within three days of a change of clocks somewhere, or any time. */
const anyInstant = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...CHANGES),
      fc.integer({ min: -72 * 60, max: 72 * 60 }),
      fc.integer({ min: 0, max: 59_999 }),
    )
    .map(([day, minutes, rest]) => at(`${day}T00:00Z`) + minutes * 60_000 + rest),
  fc.integer({ min: at('2020-01-01T00:00Z'), max: at('2035-01-01T00:00Z') }),
);

describe('against an oracle that asks Intl about every minute', () => {
  const hours = fc.record({ timeZone: fc.constantFrom(...ZONES), openingHours: fc.array(anyBlock, { maxLength: 4 }) });

  it('is open when the oracle is', () => {
    fc.assert(
      fc.property(hours, anyInstant, (of, now) => {
        expect(whyClosed(of, now) === undefined).toBe(slowIsOpen(of, now));
      }),
      { numRuns: 2_000 },
    );
  });

  it('names the day and time at which it opens', () => {
    fc.assert(
      fc.property(hours, anyInstant, (of, now) => {
        expect(whyClosed(of, now)).toBe(slowWhyClosed(of, now));
      }),
      { numRuns: 60 },
    );
  });

  it('says the same when it is asked again and again, forwards and backwards', () => {
    const steps = fc.array(fc.integer({ min: -3 * 24 * 60, max: 3 * 24 * 60 }), { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(hours, anyInstant, steps, (of, start, minutes) => {
        const schedule = new Schedule(of);
        let now = start;
        for (const step of minutes) {
          now += step * 60_000;
          expect(schedule.whyClosed(now)).toBe(whyClosed(of, now));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each(ZONES)('minute by minute through changing clocks in %s', (timeZone) => {
    const of = { timeZone, openingHours: ['7 22:00-02:15', '7 02:30-03:10', '6 23:30-00:30'].map(block) };
    const schedule = new Schedule(of);
    for (const day of CHANGES) {
      for (let minute = -30 * 60; minute < 30 * 60; minute += 1) {
        const now = at(`${day}T00:00Z`) + minute * 60_000;
        expect(schedule.whyClosed(now) === undefined).toBe(slowIsOpen(of, now));
      }
    }
  });
});
