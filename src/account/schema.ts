import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { WEBHOOK_TRIGGERS } from '../domain/account.ts';
import { parsePayoutModifier } from '../domain/payout-modifier.ts';
import { isE164 } from '../domain/phone-number.ts';
import { parseTagMatch } from '../domain/tag-match.ts';
import { validateWebhookTemplate } from '../domain/webhook-template.ts';

/** The account file's shape. Every message says what to write instead. */

const id = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/,
    'write an id of letters, digits, "-" and "_", 64 at most, like "acme-west"',
  );
const name = z.string().min(1, 'write a name').max(100, 'shorten the name to 100 characters');
const seconds = z.number('write a number of seconds').int('write whole seconds').min(0, 'write 0 or more seconds');

const money = z
  .union([z.string(), z.number()], 'write an amount like 50.00')
  .transform(String)
  .refine((text) => /^\d{1,7}(\.\d{1,4})?$/.test(text), 'write a plain amount like 50.00, at most 4 decimals');

const tags = z
  .record(
    z
      .string()
      .regex(/^(?!system_)[^\s]{1,64}$/, 'tag names have no blanks, 64 characters at most, and do not start "system_"'),
    z.union([z.string(), z.number().transform(String), z.array(z.string())], 'write a value or a list of values'),
  )
  .transform((set) => Object.fromEntries(Object.entries(set).map(([key, value]) => [key, [value].flat()])))
  .default({});

/** Turns a domain parser that throws into a zod transformation with its message. */
function parsedBy<Output>(parse: (text: string) => Output) {
  return (text: string, context: z.RefinementCtx): Output => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  };
}

const matches = z.array(z.string('write a condition like "state==CA"').transform(parsedBy(parseTagMatch))).default([]);

const address = z
  .string()
  .refine(
    (text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text),
    'write an IP address or a block like 203.0.113.0/24',
  );

const sipUri = z
  .string()
  .regex(/^sips?:([^\s@<>"]+@)?[^\s@<>"]+$/, 'write a SIP URI like sip:+15551234567@sip.buyer.example:5060');

const carrier = z.strictObject({ id, name, addresses: z.array(address).min(1, 'list at least one address') });

const publisher = z.strictObject({ id, name, tags });

const buyer = z
  .strictObject({
    id,
    name,
    destinations: z.array(sipUri).min(1, 'list at least one destination'),
    ring_timeout_seconds: seconds
      .min(1, 'ring for at least a second')
      .max(300, 'ring for 300 seconds at most')
      .default(30),
    paused: z.boolean().default(false),
  })
  .transform(({ ring_timeout_seconds: ringTimeoutSeconds, ...rest }) => ({ ...rest, ringTimeoutSeconds }));

const route = z
  .strictObject({
    buyer: id,
    priority: z.number().int().min(0).default(1),
    weight: z.number().int().min(1, 'write a weight of 1 or more').default(1),
    matches,
  })
  .transform(({ buyer: buyerId, ...rest }) => ({ buyerId, ...rest }));

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

const group = z
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

const webhook = z
  .strictObject({
    id,
    trigger: z
      .enum([...WEBHOOK_TRIGGERS, 'bridged'], `write one of ${WEBHOOK_TRIGGERS.join(', ')}`)
      .transform((value) => (value === 'bridged' ? 'answered' : value)),
    method: z.enum(['HEAD', 'GET', 'POST', 'PUT'], 'write HEAD, GET, POST or PUT').default('POST'),
    url: z.string(),
    headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'write a header name'), z.string()).default({}),
    body: z.string().optional(),
    matches,
    trusted: z.boolean().default(false),
  })
  .transform((value) => ({ ...value, body: value.body }))
  .superRefine((value, context) => {
    for (const message of validateWebhookTemplate(value).errors) context.addIssue({ code: 'custom', message });
  });

const campaign = z
  .strictObject({
    id,
    name,
    tags,
    routes: z.array(route).min(1, 'list at least one route to a buyer'),
    conversion_groups: z.array(group).default([]),
    webhooks: z.array(webhook).default([]),
    post_only: z.boolean().default(false),
  })
  .transform(({ conversion_groups: conversionGroups, post_only: postOnly, ...rest }) => ({
    ...rest,
    conversionGroups,
    postOnly,
  }));

const dialedNumber = z
  .strictObject({
    number: z
      .string('put the number in quotes: "+18005550100"')
      .refine(isE164, 'write the number in E.164: "+18005550100"'),
    campaign: id,
    publisher: id.optional(),
    tags,
  })
  .transform(({ campaign: campaignId, publisher: publisherId, ...rest }) => ({ ...rest, campaignId, publisherId }));

/** Parses the document of an account file into the domain's Account; references are checked by check-references.ts. */
export const accountSchema = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'write a currency like USD')
    .default('USD'),
  carriers: z.array(carrier).min(1, 'list at least one carrier'),
  publishers: z.array(publisher).default([]),
  buyers: z.array(buyer).min(1, 'list at least one buyer'),
  campaigns: z.array(campaign).min(1, 'list at least one campaign'),
  numbers: z.array(dialedNumber).min(1, 'list at least one number'),
});
