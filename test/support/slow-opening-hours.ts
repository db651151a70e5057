import type { Buyer } from '../../src/domain/buyer.ts';

/** Opening hours as simply as they can be told: the wall clock of every minute is asked of Intl. Hundreds of times slower. */

type Hours = Pick<Buyer, 'openingHours' | 'timeZone'>;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MINUTE = 60_000;
const WEEK_MINUTES = 7 * 24 * 60;

export function slowIsOpen({ openingHours, timeZone }: Hours, now: number): boolean {
  if (openingHours.length === 0) return true;
  const { day, minute } = wall(timeZone, now);
  const dayBefore = day === 1 ? 7 : day - 1;
  return openingHours.some(({ days, fromMinute, toMinute }) => {
    const startsOn = (weekday: number) => (days as number[]).includes(weekday);
    if (fromMinute < toMinute) return startsOn(day) && minute >= fromMinute && minute < toMinute;
    return (startsOn(day) && minute >= fromMinute) || (startsOn(dayBefore) && minute < toMinute);
  });
}

export function slowWhyClosed(hours: Hours, now: number): string | undefined {
  if (slowIsOpen(hours, now)) return undefined;
  const start = Math.floor(now / MINUTE) * MINUTE;
  let minutes = 1;
  while (!slowIsOpen(hours, start + minutes * MINUTE) && minutes < 2 * WEEK_MINUTES) minutes += 1;
  const today = wall(hours.timeZone, now);
  const opening = wall(hours.timeZone, start + minutes * MINUTE);
  const next = minutes >= 24 * 60 && today.day === opening.day ? 'next ' : '';
  return `closed: it is ${today.text} in ${hours.timeZone}, opens ${next}${opening.text}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wall(timeZone: string, instant: number): { day: number; minute: number; text: string } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const [weekday = '', time = ''] = format.format(instant).replace(',', '').split(' ');
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return { day: WEEKDAYS.indexOf(weekday) + 1, minute: hours * 60 + minutes, text: `${weekday} ${time}` };
}
