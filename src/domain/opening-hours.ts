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
export function whyClosed(hours: Hours, now: number): string | undefined {
  return new Schedule(hours).whyClosed(now);
}

/** A buyer's opening hours, asked again and again: only when it opens or closes is there something to work out. */
export class Schedule {
  readonly #timeZone: string;
  readonly #week: readonly WeekSpan[];
  /** What was worked out holds in these minutes. */
  #from = 0;
  #until = 0;
  /** `opens Mon 09:00`; undefined while open. */
  #opens: string | undefined;
  #offset = 0;
  #said: { readonly minute: number; readonly text: string } | undefined;

  constructor({ openingHours, timeZone }: Hours) {
    this.#timeZone = timeZone;
    this.#week = weekSpans(openingHours);
  }

  /** As the function of this name. */
  whyClosed(now: number): string | undefined {
    if (this.#week.length === 0) return undefined;
    const minute = Math.floor(now / MINUTE_MS);
    if (minute < this.#from || minute >= this.#until) this.#workOut(minute);
    if (this.#opens === undefined) return undefined;
    if (this.#said?.minute !== minute) {
      const time = wallClock(minuteOfWeek(minute, this.#offset));
      this.#said = { minute, text: `closed: it is ${time} in ${this.#timeZone}, ${this.#opens}` };
    }
    return this.#said.text;
  }

  /** Holds until the next opening or closing, but not over midnight (`next Mon` is said by day) or a change of clocks. */
  #workOut(minute: number): void {
    const clock = zoneClock(this.#timeZone, minute);
    const onWall = minuteOfWeek(minute, clock.offset);
    const open = spanAt(this.#week, onWall);
    const wait = open === undefined ? untilOpen(this.#week, onWall) : untilEnd(open, onWall);
    const untilMidnight = MINUTES_PER_DAY - (onWall % MINUTES_PER_DAY);
    this.#from = minute;
    this.#until = Math.min(minute + wait, minute + untilMidnight, clock.change?.at ?? Number.POSITIVE_INFINITY);
    this.#offset = clock.offset;
    this.#opens = open === undefined ? nextOpening(this.#week, clock, minute) : undefined;
  }
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

/** The block that runs at a time on the wall, if one does. */
function spanAt(week: readonly WeekSpan[], onWall: number): WeekSpan | undefined {
  return week.find(({ start, end }) => (onWall >= start ? onWall < end : onWall + MINUTES_PER_WEEK < end));
}

/** Minutes until the block ends. */
function untilEnd({ start, end }: WeekSpan, onWall: number): number {
  return onWall >= start ? end - onWall : end - onWall - MINUTES_PER_WEEK;
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
  if (spanAt(week, onWall) !== undefined) return 0;
  const next = week.find(({ start }) => start > onWall)?.start ?? (week[0]?.start ?? 0) + MINUTES_PER_WEEK;
  return next - onWall;
}
