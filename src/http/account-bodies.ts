import type { z } from 'zod';
import { accountSchema, dialedNumber, publisher } from '../account/schema/account.ts';
import { buyer } from '../account/schema/buyer.ts';
import { campaign } from '../account/schema/campaign.ts';
import { carrier } from '../account/schema/carrier.ts';
import { gateway } from '../account/schema/destination.ts';
import type { EntityList } from '../domain/account-document.ts';

/** What the things of an account are called, and what is sent for one: the schemas of the account file. */
export const ENTITY_KINDS: Readonly<Record<EntityList, { readonly one: string; readonly body: z.ZodType }>> = {
  carriers: { one: 'carrier', body: carrier },
  gateways: { one: 'gateway', body: gateway },
  publishers: { one: 'publisher', body: publisher },
  buyers: { one: 'buyer', body: buyer },
  campaigns: { one: 'campaign', body: campaign },
  numbers: { one: 'number', body: dialedNumber },
};

export const accountBody = accountSchema;
