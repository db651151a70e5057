import { describe, expect, it } from 'vitest';
import { byClock, PeriodClock } from '../../../src/domain/report.ts';

const HOUR = 3_600_000;
const one = { calls: 1, connected: 1, connectedMs: 1_000, converted: 0, revenueMicros: 0, payoutMicros: 0 };
const from = Date.parse('2026-01-01T00:00:00Z');
const to = Date.parse('2027-01-01T00:00:00Z');

/** What the zone's own clock says, asked at each instant. */
function shown(at: number, zone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return `${text.slice(0, 10)}T${text.slice(11, 13)}:00`;
}

describe('hours and days of a zone', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'])(
    '%s, all year',
    (zone) => {
      const clock = new PeriodClock(zone, from, to);
      for (let at = from; at < to; at += 0.25 * HOUR) {
        const [row] = byClock([{ at, ...one }], 'hour', clock);
        if (row?.key !== shown(at, zone))
          expect([new Date(at).toISOString(), row?.key]).toEqual([new Date(at).toISOString(), shown(at, zone)]);
      }
    },
  );

  it('an hour that comes twice is one, with both sums', () => {
    const clock = new PeriodClock('America/New_York', from, to);
    const twice = [Date.parse('2026-11-01T05:30:00Z'), Date.parse('2026-11-01T06:30:00Z')];
    expect(
      byClock(
        twice.map((at) => ({ at, ...one })),
        'hour',
        clock,
      ),
    ).toEqual([{ key: '2026-11-01T01:00', ...one, calls: 2, connected: 2, connectedMs: 2_000 }]);
  });

  it('tells which zones are whole hours from UTC', () => {
    expect(new PeriodClock('America/New_York', from, to).isWhole).toBe(true);
    expect(new PeriodClock('Asia/Kolkata', from, to).isWhole).toBe(false);
    expect(new PeriodClock('Australia/Lord_Howe', from, to).isWhole).toBe(false);
  });
});
