import { DateTime, IANAZone } from 'luxon';
import type { CapPeriod } from './buyer.ts';

/** A stretch of time in which calls are counted: [startsAt, endsAt). */
export interface Period {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Periods that begin and end; lines in use have none. */
export type CountedPeriod = Exclude<CapPeriod, 'concurrent'>;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The last instant a Date can hold: further than any call. */
const END_OF_TIME = 8_640_000_000_000_000;

const TOTAL: Period = { startsAt: 0, endsAt: END_OF_TIME };

const newest = new Map<string, Period>();

/** The hour, day or month on the clocks of that zone in which an instant lies; worked out once for each. */
export function periodAt(per: CountedPeriod, timeZone: string, now: number): Period {
  if (per === 'total') return TOTAL;
  const key = `${per} ${timeZone}`;
  const known = newest.get(key);
  if (known !== undefined && now >= known.startsAt && now < known.endsAt) return known;
  const period = per === 'hour' ? hourAt(timeZone, now) : calendarAt(per, timeZone, now);
  newest.set(key, period);
  return period;
}

/** Sixty minutes, also when clocks change: an hour that the clocks repeat is counted twice. */
function hourAt(timeZone: string, now: number): Period {
  const offset = IANAZone.create(timeZone).offset(now) * MINUTE_MS;
  const startsAt = Math.floor((now + offset) / HOUR_MS) * HOUR_MS - offset;
  return { startsAt, endsAt: startsAt + HOUR_MS };
}

/** From midnight to midnight: 23 or 25 hours where clocks change, and from 01:00 where there is no midnight. */
function calendarAt(per: 'day' | 'month', timeZone: string, now: number): Period {
  const start = DateTime.fromMillis(now, { zone: timeZone }).startOf(per);
  const end = start.plus({ [per]: 1 }).startOf(per);
  return { startsAt: start.toMillis(), endsAt: end.toMillis() };
}
