import { z } from 'zod';
import { CAP_PERIODS } from '../../domain/buyer.ts';
import { callerId, count, id, name, seconds, timeZone } from './basics.ts';
import { destination } from './destination.ts';
import { openingHours } from './opening-hours.ts';

const cap = z
  .strictObject({
    per: z.enum(CAP_PERIODS, `write one of ${CAP_PERIODS.join(', ')}`),
    limit: z.number('write a number').int('write a whole number').min(0, 'write 0 or more'),
    counts: z.enum(['connections', 'conversions'], 'write connections or conversions').default('connections'),
  })
  .superRefine(({ per, counts }, context) => {
    if (per !== 'concurrent' || counts === 'connections') return;
    context.addIssue({ code: 'custom', message: 'concurrent calls cannot be counted by conversions: remove counts' });
  });

const duplicateRule = z
  .strictObject({
    after: z.enum(['connected', 'converted'], 'write connected or converted'),
    within_days: count.max(3_650, 'write 3650 days at most'),
  })
  .transform(({ after, within_days: withinDays }) => ({ after, withinDays }));

const transferRule = z
  .strictObject({
    blind: z.boolean().default(false),
    attended: z.boolean().default(false),
    hosts: z.array(z.string().regex(/^[^\s@:;<>"]+$/, 'write a host name or an address')).default([]),
  })
  .default({ blind: false, attended: false, hosts: [] });

export const buyer = z
  .strictObject({
    id,
    name,
    destinations: z.array(destination).min(1, 'list at least one destination'),
    ring_timeout_seconds: seconds
      .min(1, 'ring for at least a second')
      .max(300, 'ring for 300 seconds at most')
      .default(30),
    paused: z.boolean().default(false),
    time_zone: timeZone.optional(),
    opening_hours: z.array(openingHours).default([]),
    caps: z.array(cap).default([]),
    duplicates: duplicateRule.optional(),
    caller_id: callerId,
    transfers: transferRule,
    max_duration_seconds: seconds.min(1, 'write 1 or more seconds').optional(),
  })
  .transform((value) => ({
    id: value.id,
    name: value.name,
    destinations: value.destinations,
    ringTimeoutSeconds: value.ring_timeout_seconds,
    paused: value.paused,
    timeZone: value.time_zone,
    openingHours: value.opening_hours,
    caps: value.caps,
    duplicateRule: value.duplicates,
    callerId: value.caller_id,
    transfers: value.transfers,
    maxDurationSeconds: value.max_duration_seconds,
  }));
