import type { Buyer, OpeningHours } from './buyer.ts';
import { MINUTE_MS, MINUTES_PER_DAY, MINUTES_PER_WEEK, minuteOfWeek, type ZoneClock, zoneClock } from './zone-clock.ts';

type Hours = Pick<Buyer, 'openingHours' | 'timeZone'>;

/** A block on one weekday, in minutes since Monday 00:00; `end` may lie in the next day, of Sunday's in the next week. */
export interface WeekSpan {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Place of its block in the list. */
  readonly block: number;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * Undefined while the buyer is open, else why not, for a person. Blocks are wall-clock time: one that the clocks skip does
 * not happen, one that they repeat happens twice; over midnight it belongs to the day on which it starts (semantics §6).
 */
export function whyClosed({ openingHours, timeZone }: Hours, now: number): string | undefined {
  if (openingHours.length === 0) return undefined;
  const minute = Math.floor(now / MINUTE_MS);
  const clock = zoneClock(timeZone, minute);
  const week = weekOf(openingHours);
  const onWall = minuteOfWeek(minute, clock.offset);
  if (isOpenAt(week, onWall)) return undefined;
  return `closed: it is ${wallClock(onWall)} in ${timeZone}, ${nextOpening(week, clock, minute)}`;
}

/** `Sun 03:30` */
export function wallClock(ofWeek: number): string {
  const minute = ofWeek % MINUTES_PER_DAY;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${WEEKDAYS[Math.floor(ofWeek / MINUTES_PER_DAY)]} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Every block on each of its days, the earliest first. */
export function weekSpans(openingHours: readonly OpeningHours[]): WeekSpan[] {
  const spans = openingHours.flatMap(({ days, fromMinute, toMinute }, block) => {
    const length = toMinute > fromMinute ? toMinute - fromMinute : toMinute + MINUTES_PER_DAY - fromMinute;
    return days.map((day) => {
      const start = (day - 1) * MINUTES_PER_DAY + fromMinute;
      return { start, end: start + length, block };
    });
  });
  return spans.sort((a, b) => a.start - b.start);
}

const weeks = new WeakMap<readonly OpeningHours[], readonly WeekSpan[]>();

/** Worked out once for each list, not for each call. */
function weekOf(openingHours: readonly OpeningHours[]): readonly WeekSpan[] {
  let week = weeks.get(openingHours);
  if (week === undefined) {
    week = weekSpans(openingHours);
    weeks.set(openingHours, week);
  }
  return week;
}

function isOpenAt(week: readonly WeekSpan[], ofWeek: number): boolean {
  for (const { start, end } of week) {
    if (ofWeek >= start ? ofWeek < end : ofWeek + MINUTES_PER_WEEK < end) return true;
  }
  return false;
}

/** When it opens again; a change of the clocks on the way there counts. */
function nextOpening(week: readonly WeekSpan[], { offset, change }: ZoneClock, minute: number): string {
  const onWall = minuteOfWeek(minute, offset);
  const wait = untilOpen(week, onWall);
  if (change === undefined || minute + wait < change.at) return opens(onWall, onWall + wait, wait);
  const after = minuteOfWeek(change.at, change.offset);
  const waitAfter = untilOpen(week, after);
  return opens(onWall, after + waitAfter, change.at - minute + waitAfter);
}

/** `opens Mon 09:00`, or `next Mon` on a Monday when it is the one after. */
function opens(now: number, opening: number, wait: number): string {
  const dayOf = (ofWeek: number) => Math.floor((ofWeek % MINUTES_PER_WEEK) / MINUTES_PER_DAY);
  const isNextWeek = dayOf(now) === dayOf(opening) && wait >= MINUTES_PER_DAY;
  return `opens ${isNextWeek ? 'next ' : ''}${wallClock(opening % MINUTES_PER_WEEK)}`;
}

/** Minutes from a time on the wall until a block runs, 0 to a week. */
function untilOpen(week: readonly WeekSpan[], onWall: number): number {
  if (isOpenAt(week, onWall)) return 0;
  const next = week.find(({ start }) => start > onWall)?.start ?? (week[0]?.start ?? 0) + MINUTES_PER_WEEK;
  return next - onWall;
}
