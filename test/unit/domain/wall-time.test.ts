import { describe, expect, it } from 'vitest';
import { nearestNumbers } from '../../../src/domain/nearest-numbers.ts';
import { formatInstant, parseInstant, parseTimeZone } from '../../../src/domain/wall-time.ts';

const NEW_YORK = 'America/New_York';

describe('an instant as people write it', () => {
  it.each([
    ['2026-11-01T03:30', '2026-11-01T08:30Z'],
    ['2026-11-01 03:30', '2026-11-01T08:30Z'],
    ['2026-07-01T03:30:15', '2026-07-01T07:30:15Z'],
    ['2026-11-01T03:30Z', '2026-11-01T03:30Z'],
    ['2026-11-01T03:30+01:00', '2026-11-01T02:30Z'],
    ['2026-11-01T01:30', '2026-11-01T05:30Z'],
    ['2026-11-01T01:30-05:00', '2026-11-01T06:30Z'],
  ])('%s in New York is %s; one that comes twice is the first', (text, expected) => {
    expect(parseInstant(text, NEW_YORK)).toBe(Date.parse(expected));
  });

  it.each([
    ['', /is not a time: write 2026-11-01T03:30/],
    ['now', /is not a time/],
    ['2026-11-01', /is not a time/],
    ['03:30', /is not a time/],
    ['2026-13-01T03:30', /does not exist in the calendar/],
    ['2026-02-29T03:30', /does not exist in the calendar/],
    ['2026-11-01T24:30', /does not exist in the calendar/],
    ['2026-03-08T02:30', /does not happen in America\/New_York, as clocks skip it: write 2026-03-08T03:30/],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseInstant(text, NEW_YORK)).toThrow(message);
  });

  it('shows the offset, as an hour may come twice', () => {
    expect(formatInstant(Date.parse('2026-11-01T05:30Z'), NEW_YORK)).toBe(
      'Sun 2026-11-01 01:30 -04:00 America/New_York',
    );
    expect(formatInstant(Date.parse('2026-11-01T06:30Z'), NEW_YORK)).toBe(
      'Sun 2026-11-01 01:30 -05:00 America/New_York',
    );
  });

  it('knows time zones by their IANA name', () => {
    expect(parseTimeZone('Australia/Lord_Howe')).toBe('Australia/Lord_Howe');
    expect(() => parseTimeZone('Lord Howe')).toThrow('there is no time zone "Lord Howe"');
  });
});

describe('the numbers nearest to one that is not there', () => {
  const known = ['+18005550100', '+18005550199', '+442071838750'];
  it.each([
    ['+18005550101', '+18005550100'],
    ['8005550199', '+18005550199'],
    ['+1800555019', '+18005550199'],
    ['02071838750', '+442071838750'],
    ['+44 (0)20 7183 8750', '+442071838750'],
  ])('%s: %s', (wanted, nearest) => {
    expect(nearestNumbers(wanted, known, 1)).toEqual([nearest]);
  });

  it('of an account without numbers there are none', () => {
    expect(nearestNumbers('+18005550101', [])).toEqual([]);
  });
});
