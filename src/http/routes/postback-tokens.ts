import { type Request, Router } from 'express';
import { z } from 'zod';
import type {
  changePostbackToken,
  createPostbackToken,
  getPostbackToken,
  listPostbackTokens,
  PostbackTokenChange,
} from '../../calls/postback-tokens.ts';
import type { Clock } from '../../clock.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { PostbackTokens } from '../../domain/postback-token.ts';
import type { Store } from '../../store/store.ts';
import type { PostbackTokenRow } from '../../store/tables.ts';
import { rfc3339 } from '../json/rfc3339.ts';
import { readJsonBody } from '../json-body.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface PostbackTokenDeps {
  readonly store: Store<{
    createPostbackToken: typeof createPostbackToken;
    changePostbackToken: typeof changePostbackToken;
    getPostbackToken: typeof getPostbackToken;
    listPostbackTokens: typeof listPostbackTokens;
  }>;
  readonly postbackTokens: PostbackTokens;
  readonly clock: Clock;
}

const DEFAULT_GRACE_SECONDS = '86400';
const LONGEST_GRACE_SECONDS = 30 * 86_400;
const MOST_DAYS = 90;

const id = z.string('write an id of the account');
/** Numbers arrive as text (`json-body.ts`). */
const whole = (most: number) =>
  z
    .string(`write a whole number from 0 to ${most}`)
    .regex(/^\d{1,9}$/, `write a whole number from 0 to ${most}`)
    .transform(Number)
    .refine((number) => number <= most, `at most ${most}`);

export const postbackTokenBody = z.strictObject({
  campaign_id: id.describe('of the calls'),
  conversion_group_id: id.describe('the group it reports sales for'),
  buyer_id: id.describe('the partner'),
  name: z.string().trim().max(100, 'at most 100 characters').default('').describe('for you'),
  caller_within_days: whole(MOST_DAYS)
    .prefault('0')
    .describe('how old a call found by its caller may be; 0: only by uuid and key'),
});
export const tokenRotationBody = z.strictObject({
  grace_seconds: whole(LONGEST_GRACE_SECONDS)
    .prefault(DEFAULT_GRACE_SECONDS)
    .describe('how long the old token stays good; 0 if it has leaked'),
});

/** `/postback-tokens`: the postback URLs of partners, for operators. */
export function postbackTokenRoutes({ store, postbackTokens, clock }: PostbackTokenDeps): Router {
  const router = Router();
  const json = (row: PostbackTokenRow) => tokenJson(row, postbackTokens);
  const change = async (req: Request, wanted: PostbackTokenChange) =>
    json(await store.changePostbackToken({ id: idOf(req), change: wanted, now: clock.now() }));

  router.get('/postback-tokens', async (_req, res) => {
    sendJson(res, 200, { postback_tokens: (await store.listPostbackTokens({})).map(json) });
  });
  router.post('/postback-tokens', async (req, res) => {
    const {
      campaign_id: campaignId,
      conversion_group_id: groupId,
      buyer_id: buyerId,
      ...rest
    } = await readJsonBody(req, postbackTokenBody);
    const input = { campaignId, groupId, buyerId, name: rest.name, callerWithinDays: rest.caller_within_days };
    sendJson(res, 201, json(await store.createPostbackToken({ ...input, now: clock.now() })));
  });
  router.get('/postback-tokens/:id', async (req, res) => {
    const row = await store.getPostbackToken({ id: idOf(req) });
    if (row === undefined) throw unknown();
    sendJson(res, 200, json(row));
  });
  router.post('/postback-tokens/:id/pause', async (req, res) =>
    sendJson(res, 200, await change(req, { kind: 'pause' })),
  );
  router.post('/postback-tokens/:id/resume', async (req, res) =>
    sendJson(res, 200, await change(req, { kind: 'resume' })),
  );
  router.post('/postback-tokens/:id/rotate', async (req, res) => {
    const { grace_seconds } = await readJsonBody(req, tokenRotationBody);
    sendJson(res, 200, await change(req, { kind: 'rotate', graceMs: grace_seconds * 1000 }));
  });
  return router;
}

function idOf({ params }: Request): string {
  const uuid = parseUuid(String(params['id']));
  if (uuid === undefined) throw unknown();
  return uuid;
}

function unknown(): HttpProblem {
  return new HttpProblem('not_found', 'There is no such postback token.');
}

/** The token is derived whenever it is shown: it is stored nowhere. */
function tokenJson(row: PostbackTokenRow, postbackTokens: PostbackTokens) {
  const token = postbackTokens.issue(row);
  return {
    postback_token_id: row.id,
    name: row.name,
    campaign_id: row.campaign_id,
    conversion_group_id: row.group_id,
    buyer_id: row.buyer_id,
    caller_within_days: row.caller_within_days,
    token,
    path: `/postbacks/${token}`,
    instructions_path: `/postback-instructions/${token}`,
    paused_time: rfc3339(row.paused_at),
    generation: row.generation,
    previous_valid_until: row.generation === 1 ? null : rfc3339(row.previous_until),
    created_time: rfc3339(row.created_at),
    changed_time: rfc3339(row.changed_at),
  };
}
