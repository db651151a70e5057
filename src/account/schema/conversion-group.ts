import { z } from 'zod';
import { parsePayoutModifier } from '../../domain/payout-modifier.ts';
import { id, matches, money, name, parsedBy, seconds } from './basics.ts';

const groupBase = { id, name, matches, dedupe_seconds: seconds.default(0) };
const postbackTimeout = seconds.max(30 * 86_400, 'wait 30 days at most').default(600);

const postedRevenue = z.strictObject({
  ...groupBase,
  kind: z.literal('posted_revenue'),
  postback_timeout_seconds: postbackTimeout,
  payout_modifier: z
    .string('put the modifier in quotes: "*0.8"')
    .default('')
    .transform(
      parsedBy((text) => {
        parsePayoutModifier(text);
        return text;
      }),
    ),
  zero_counts: z.boolean().default(false),
});

const trigger = z.strictObject({
  ...groupBase,
  kind: z.literal('trigger'),
  postback_timeout_seconds: postbackTimeout,
  triggers: z
    .array(
      z.strictObject({
        text: z
          .string()
          .min(1, 'an empty trigger would match everything: write the text to look for, like "sale=true"'),
        mode: z.enum(['substring', 'parameter'], 'write substring or parameter').default('substring'),
        revenue: money,
        payout: money,
      }),
    )
    .min(1, 'list at least one trigger'),
});

const duration = z.strictObject({
  ...groupBase,
  kind: z.literal('duration'),
  steps: z
    .array(z.strictObject({ seconds, revenue: money, payout: money }))
    .min(1, 'list at least one step of {seconds, revenue, payout}'),
});

export const conversionGroup = z
  .discriminatedUnion('kind', [postedRevenue, trigger, duration], 'write kind: posted_revenue, trigger or duration')
  .transform((value) => {
    const { dedupe_seconds: dedupeSeconds, id: groupId, name: groupName, matches: groupMatches } = value;
    const base = { id: groupId, name: groupName, matches: groupMatches, dedupeSeconds };
    if (value.kind === 'duration') return { ...base, kind: value.kind, steps: value.steps };
    const timeout = { postbackTimeoutSeconds: value.postback_timeout_seconds };
    if (value.kind === 'trigger') return { ...base, ...timeout, kind: value.kind, triggers: value.triggers };
    return {
      ...base,
      ...timeout,
      kind: value.kind,
      payoutModifier: value.payout_modifier,
      zeroCounts: value.zero_counts,
    };
  });
