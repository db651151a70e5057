import { DateTime, IANAZone } from 'luxon';
import { AppError } from './errors.ts';

const HOW = 'write 2026-11-01T03:30, or with an offset 2026-11-01T03:30-05:00 or 2026-11-01T08:30Z';
const PATTERN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)?)?\s*(Z|[+-]\d\d:\d\d)?$/i;

/**
 * An instant as people write it: wall-clock time of `zone` unless it says its offset. A time that comes twice is the first of
 * the two. Throws AppError `time_invalid`.
 */
export function parseInstant(text: string, zone: string): number {
  const [, day, time, offset] = PATTERN.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined) throw new AppError('time_invalid', `"${text}" is not a time: ${HOW}`);
  const local = `${day}T${time}`;
  const read = DateTime.fromISO(`${local}${offset ?? ''}`, offset === undefined ? { zone } : {});
  if (!read.isValid) throw new AppError('time_invalid', `"${text}" does not exist in the calendar: ${HOW}`);
  if (offset === undefined && !read.toISO().startsWith(local)) {
    const remedy = `write ${read.toFormat("yyyy-MM-dd'T'HH:mm")} or add an offset`;
    throw new AppError('time_invalid', `${local} does not happen in ${zone}, as clocks skip it: ${remedy}`);
  }
  const possible = offset === undefined ? read.getPossibleOffsets() : [read];
  return Math.min(...possible.map((each) => each.toMillis()));
}

/** `Sun 2026-11-01 03:30 -05:00 America/New_York` */
export function formatInstant(at: number, zone: string): string {
  return `${DateTime.fromMillis(at, { zone }).setLocale('en-US').toFormat('ccc yyyy-MM-dd HH:mm ZZ')} ${zone}`;
}

/** The name if there is such an IANA zone. Throws AppError `time_zone_invalid`. */
export function parseTimeZone(name: string): string {
  if (IANAZone.isValidZone(name)) return name;
  throw new AppError('time_zone_invalid', `there is no time zone "${name}": write one like America/New_York, or UTC`);
}
