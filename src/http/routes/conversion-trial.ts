import { Router } from 'express';
import { z } from 'zod';
import type { Account } from '../../domain/account.ts';
import { campaignNamed, tryConversion } from '../../domain/conversion-trial.ts';
import { conversionTrialJson } from '../json/conversion-trial-json.ts';
import { readJsonBody } from '../json-body.ts';
import { sendJson } from '../send-json.ts';

export interface ConversionTrialDeps {
  /** The one calls are decided by at the moment. */
  readonly account: () => Account;
}

const texts = z.union([z.string(), z.array(z.string())], 'write a text, or a list of texts');
const number = 'write a number of seconds';

export const conversionTrialBody = z.strictObject({
  campaign_id: z.string('write the id of a campaign'),
  buyer_id: z.string().optional(),
  tags: z.record(z.string(), texts).default({}),
  query: z.string('write a query string like "revenue=10.00", or leave it out').optional().describe('what is posted'),
  body: z.string('write a form body like "revenue=10.00", or leave it out').optional(),
  connected_seconds: z
    .string(number)
    .regex(/^\d{1,6}(\.\d{1,3})?$/, number)
    .transform(Number)
    .prefault('0')
    .describe('how long buyer and caller talk'),
});

/** `POST /conversion-groups/test`: which group decides such a call and for what money; nothing is stored. */
export function conversionTrialRoutes({ account }: ConversionTrialDeps): Router {
  const router = Router();
  router.post('/conversion-groups/test', async (req, res) => {
    const { campaign_id, buyer_id, tags, query, body, connected_seconds } = await readJsonBody(
      req,
      conversionTrialBody,
    );
    const posted = [query, body].filter((text) => text !== undefined);
    const call = {
      buyerId: buyer_id,
      tags: Object.entries(tags).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value }))),
      query: posted.length === 0 ? undefined : posted.filter((text) => text !== '').join('&'),
      connectedSeconds: connected_seconds,
    };
    sendJson(res, 200, conversionTrialJson(tryConversion(campaignNamed(account().campaigns, campaign_id), call)));
  });
  return router;
}
