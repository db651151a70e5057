import { z } from 'zod';
import { count, id, matches, name, seconds, tags } from './basics.ts';
import { conversionGroup } from './conversion-group.ts';
import { destination } from './destination.ts';
import { webhook } from './webhook.ts';

/** `buyer: acme`, or `buyers: [acme, bestco]` for several who ring at the same time. */
const route = z
  .strictObject({
    buyer: id.optional(),
    buyers: z
      .array(id)
      .min(1, 'list at least one buyer')
      .max(10, 'let ten buyers ring at once at most')
      .refine((ids) => new Set(ids).size === ids.length, 'a buyer stands twice in this route: list each once')
      .optional(),
    priority: z.number('write a number').int().min(0).default(1),
    weight: z.number('write a number').int().min(1, 'write a weight of 1 or more').default(1),
    matches,
  })
  .superRefine(({ buyer, buyers }, context) => {
    if ((buyer === undefined) !== (buyers === undefined)) return;
    context.addIssue({ code: 'custom', message: 'write either buyer: or, for several who ring at once, buyers:' });
  })
  .transform(({ buyer, buyers, ...rest }) => ({
    buyerIds: buyers ?? (buyer === undefined ? [] : [buyer]),
    ...rest,
  }));

const DAYS_DEFAULT = 30;

const repeatCallers = z
  .strictObject({
    mode: z
      .enum(['off', 'to_previous_buyer', 'to_new_buyer'], 'write off, to_previous_buyer or to_new_buyer')
      .default('off'),
    within_days: count.max(3_650, 'write 3650 days at most').default(DAYS_DEFAULT),
    carry_tags: z
      .union([z.literal('none'), z.literal('all'), z.array(z.string().min(1))], 'write none, all, or a list of names')
      .default('none'),
  })
  .transform(({ mode, within_days: withinDays, carry_tags: carryTags }) => ({ mode, withinDays, carryTags }))
  .default({ mode: 'off', withinDays: DAYS_DEFAULT, carryTags: 'none' });

/** Four hours: a caller forgotten on hold ends, a long sale does not. */
const MAX_DURATION_DEFAULT = 14_400;

export const campaign = z
  .strictObject({
    id,
    name,
    tags,
    routes: z.array(route).min(1, 'list at least one route to a buyer'),
    last_resort: destination.optional(),
    repeat_callers: repeatCallers,
    max_duration_seconds: seconds
      .min(1, 'write 1 or more seconds')
      .max(86_400, 'write 86400 seconds at most')
      .default(MAX_DURATION_DEFAULT),
    conversion_groups: z.array(conversionGroup).default([]),
    webhooks: z.array(webhook).default([]),
    post_only: z.boolean().default(false),
  })
  .transform((value) => ({
    id: value.id,
    name: value.name,
    tags: value.tags,
    routes: value.routes,
    lastResort: value.last_resort,
    repeatCallers: value.repeat_callers,
    maxDurationSeconds: value.max_duration_seconds,
    conversionGroups: value.conversion_groups,
    webhooks: value.webhooks,
    postOnly: value.post_only,
  }));
