import { type Request, type Response, Router } from 'express';
import { type getPostbackToken, isGood } from '../../calls/postback-tokens.ts';
import type { Clock } from '../../clock.ts';
import type { Account } from '../../domain/account.ts';
import { type InstructionFacts, postbackInstructions } from '../../domain/postback-instructions.ts';
import type { PostbackTokens } from '../../domain/postback-token.ts';
import type { Store } from '../../store/store.ts';
import { instructionsJson } from '../json/instructions-json.ts';
import { instructionsPage } from '../pages/instructions-page.ts';
import type { PostbackLimits } from '../postback/postback-limits.ts';
import { keyRefused } from '../postback/refusals.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';
import { sendPage } from '../send-page.ts';
import { sourceAddress } from '../source-address.ts';

export interface InstructionDeps {
  readonly store: Store<{ getPostbackToken: typeof getPostbackToken }>;
  readonly postbackTokens: PostbackTokens;
  readonly account: () => Account;
  readonly clock: Clock;
  readonly limits: PostbackLimits;
  /** How partners reach the service; without it, as the request reached it. */
  readonly publicUrl?: string | undefined;
}

/** `/postback-instructions/{token}`: whoever holds the token of a postback URL may read how to use it. */
export function partnerInstructionRoutes(deps: InstructionDeps): Router {
  const router = Router();
  router.get('/postback-instructions/:token', async (req, res) => {
    const [, text = '', ending = ''] = /^(.*?)(\.json)?$/.exec(req.params.token) ?? [];
    const address = sourceAddress(req);
    deps.limits.admit(address, deps.clock.now());
    const token = deps.postbackTokens.read(text);
    const row = token && (await deps.store.getPostbackToken({ id: token.id }));
    if (token === undefined || !isGood(row, token.generation, deps.clock.now())) {
      deps.limits.countFailure(address, undefined, deps.clock.now());
      throw keyRefused();
    }
    const facts = factsOf(deps, { campaignId: row.campaign_id, groupId: row.group_id, buyerId: row.buyer_id });
    const own = { text, callerWithinDays: row.caller_within_days };
    show(res, { ...facts, baseUrl: baseUrlOf(deps, req), token: own }, ending === '.json');
  });
  return router;
}

/** `/campaigns/{id}/conversion-groups/{id}/instructions?buyer=…` for operators: as JSON, or as page with `.html`; without a token. */
export function operatorInstructionRoutes(deps: InstructionDeps): Router {
  const router = Router();
  router.get('/campaigns/:campaign/conversion-groups/:group/instructions{.html}', (req, res) => {
    const query = new URLSearchParams(req.url.split('?')[1] ?? '');
    const { campaign: campaignId, group: groupId } = req.params;
    const facts = factsOf(deps, { campaignId, groupId, buyerId: query.get('buyer') ?? '' });
    show(res, { ...facts, baseUrl: baseUrlOf(deps, req), token: undefined }, !req.path.endsWith('.html'));
  });
  return router;
}

function factsOf(
  { account }: InstructionDeps,
  { campaignId, groupId, buyerId }: { readonly campaignId: string; readonly groupId: string; readonly buyerId: string },
): Pick<InstructionFacts, 'campaign' | 'group' | 'buyer'> {
  const campaign = account().campaigns.find(({ id }) => id === campaignId);
  const group = campaign?.conversionGroups.find(({ id }) => id === groupId);
  const buyer = account().buyers.find(({ id }) => id === buyerId);
  if (campaign === undefined || group === undefined || group.kind === 'duration' || buyer === undefined) {
    throw new HttpProblem('not_found', 'There is no such campaign, postback group or buyer (any more).');
  }
  return { campaign, group, buyer };
}

/** What the request says of its host is believed only where it looks like one. */
function baseUrlOf({ publicUrl }: InstructionDeps, req: Request): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
  const host = /^[\w.:[\]-]{1,255}$/.test(req.headers.host ?? '') ? req.headers.host : 'localhost';
  return `${req.protocol}://${host}`;
}

function show(res: Response, facts: InstructionFacts, asJson: boolean): void {
  const instructions = postbackInstructions(facts);
  if (asJson) {
    sendJson(res, 200, instructionsJson(instructions));
    return;
  }
  sendPage(res, (nonce) => instructionsPage(instructions, nonce));
}
