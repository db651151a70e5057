import { z } from 'zod';
import type { Weekday } from '../../domain/buyer.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekday = z.enum(WEEKDAYS, `write days as ${WEEKDAYS.join(', ')}`);

/** `09:30` as minutes since midnight; `24:00` is the end of a day. */
const clockTime = z
  .string('put the time in quotes: "09:00"')
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write a time like "09:00", "24:00" for the end of the day')
  .transform((text) => {
    const [hours = 0, minutes = 0] = text.split(':').map(Number);
    return hours * 60 + minutes;
  });

/** One block of opening hours. */
export const openingHours = z
  .strictObject({
    days: z
      .array(weekday)
      .min(1, 'list at least one day')
      .default([...WEEKDAYS]),
    from: clockTime.refine((minute) => minute < 1440, 'a block cannot begin at 24:00: write "00:00" of the next day'),
    to: clockTime.refine((minute) => minute > 0, 'write "24:00" for the end of the day'),
  })
  .transform(({ days, from, to }) => ({
    days: days.map((day) => (WEEKDAYS.indexOf(day) + 1) as Weekday),
    fromMinute: from,
    toMinute: to,
  }))
  .superRefine(({ fromMinute, toMinute }, context) => {
    if (fromMinute !== toMinute) return;
    const message = 'the block begins and ends at the same time: for the whole day write from: "00:00", to: "24:00"';
    context.addIssue({ code: 'custom', message });
  });
