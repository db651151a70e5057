import { z } from 'zod';
import { e164, id, name, tags, timeZone } from './basics.ts';
import { buyer } from './buyer.ts';
import { campaign } from './campaign.ts';
import { carrier } from './carrier.ts';
import { gateway } from './destination.ts';

export const publisher = z.strictObject({ id, name, tags });

export const dialedNumber = z
  .strictObject({ number: e164, campaign: id, publisher: id.optional(), tags })
  .transform(({ campaign: campaignId, publisher: publisherId, ...rest }) => ({ ...rest, campaignId, publisherId }));

/** Parses the document of an account file into the domain's Account; references are checked by check-references.ts. */
export const accountSchema = z
  .strictObject({
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'write a currency like USD')
      .default('USD'),
    time_zone: timeZone.default('UTC'),
    shared_caller_numbers: z.array(e164).default([]),
    carriers: z.array(carrier).min(1, 'list at least one carrier'),
    gateways: z.array(gateway).default([]),
    publishers: z.array(publisher).default([]),
    buyers: z.array(buyer).min(1, 'list at least one buyer'),
    campaigns: z.array(campaign).min(1, 'list at least one campaign'),
    numbers: z.array(dialedNumber).min(1, 'list at least one number'),
  })
  .transform((value) => ({
    currency: value.currency,
    timeZone: value.time_zone,
    sharedCallerNumbers: value.shared_caller_numbers,
    carriers: value.carriers,
    gateways: value.gateways,
    publishers: value.publishers,
    buyers: value.buyers.map((each) => ({ ...each, timeZone: each.timeZone ?? value.time_zone })),
    campaigns: value.campaigns,
    numbers: value.numbers,
  }));
