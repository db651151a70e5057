import { IANAZone } from 'luxon';

export const MINUTE_MS = 60_000;
export const MINUTES_PER_DAY = 1_440;
export const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;

/** What the clocks of a zone show around an instant. Minutes are those since 1970 UTC. */
export interface ZoneClock {
  /** Minutes to add to UTC. */
  readonly offset: number;
  /** The first minute at which clocks are set to another offset, if that is within eight days. */
  readonly change: { readonly at: number; readonly offset: number } | undefined;
}

interface KnownClock extends ZoneClock {
  /** It holds in [from, until). */
  readonly from: number;
  readonly until: number;
}

/** A week and a day: what opens once a week is found. */
const DAYS_AHEAD = 8;

const known = new Map<string, KnownClock>();

/** The zone's clock at a minute; asked of the time zone database once a day and zone, arithmetic otherwise. */
export function zoneClock(zone: string, minute: number): ZoneClock {
  const clock = known.get(zone);
  if (clock !== undefined && minute >= clock.from && minute < clock.until) return clock;
  const read = readClock(IANAZone.create(zone), minute);
  known.set(zone, read);
  return read;
}

/** Minutes since Monday 00:00 on the wall. 1970-01-01 was a Thursday. */
export function minuteOfWeek(minute: number, offset: number): number {
  return modulo(minute + offset + 3 * MINUTES_PER_DAY, MINUTES_PER_WEEK);
}

function readClock(zone: IANAZone, from: number): KnownClock {
  const offsetAt = (minute: number) => zone.offset(minute * MINUTE_MS);
  const offset = offsetAt(from);
  for (let day = 1; day <= DAYS_AHEAD; day += 1) {
    const end = from + day * MINUTES_PER_DAY;
    if (offsetAt(end) === offset) continue;
    const at = firstOther(offsetAt, offset, end - MINUTES_PER_DAY, end);
    return { offset, change: { at, offset: offsetAt(at) }, from, until: Math.min(at, from + MINUTES_PER_DAY) };
  }
  return { offset, change: undefined, from, until: from + MINUTES_PER_DAY };
}

/** The first minute in (same, other] whose offset is another one. */
function firstOther(offsetAt: (minute: number) => number, offset: number, same: number, other: number): number {
  let low = same;
  let high = other;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
