import { type Request, Router } from 'express';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { Account, Campaign, Webhook } from '../../domain/account.ts';
import type { AnswerTags } from '../../domain/answer-tags.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { Operations } from '../../operations.ts';
import type { Store } from '../../store/store.ts';
import type { CallRow, DeliveryState, TagRow, WebhookStateRow } from '../../store/tables.ts';
import { deliveryJson } from '../json/call-record-json.ts';
import { rfc3339 } from '../json/rfc3339.ts';
import { webhookJson } from '../json/webhook-json.ts';
import { readJsonBody } from '../json-body.ts';
import { pageLength, queryValue } from '../page-query.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

type NeededOperations =
  | 'getCall'
  | 'listDeliveries'
  | 'listWebhookStates'
  | 'replayDelivery'
  | 'replayFailed'
  | 'rotateWebhookSecret'
  | 'switchOnWebhook';

interface SecretGeneration {
  readonly generation: number;
  readonly previousUntil: number;
}

/** Shows or sends one request of a webhook outside the outbox. */
export interface WebhookTrials {
  printedSecrets(webhookId: string, secret: SecretGeneration): string[];
  run(input: {
    readonly account: Account;
    readonly campaign: Campaign;
    readonly webhook: Webhook;
    readonly secret: SecretGeneration;
    readonly call?: { readonly call: CallRow; readonly tags: readonly TagRow[] } | undefined;
    readonly send: boolean;
  }): Promise<{
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | undefined;
    readonly result:
      | { readonly elapsedMs: number; readonly httpStatus?: number; readonly answer?: string; readonly error?: string }
      | undefined;
    readonly told: AnswerTags | undefined;
  }>;
}

export interface WebhookRouteDeps {
  readonly store: Store<Pick<Operations, NeededOperations>>;
  readonly account: () => Account;
  readonly trials: WebhookTrials;
  readonly clock: Clock;
  readonly wakeDeliveries: () => void;
}

const HOUR_MS = 3_600_000;
const REPLAYED_AT_ONCE = 500;
const STATES = ['due', 'delivered', 'dead'] as const satisfies readonly DeliveryState[];

const count = (most: number) =>
  z
    .string(`write a number from 0 to ${most}`)
    .regex(/^\d{1,4}$/, 'write a number')
    .transform(Number)
    .refine((value) => value <= most, `write ${most} or less`);

export const secretRotationBody = z.strictObject({
  keep_hours: count(720).default(24).describe('how long requests are signed with both'),
});
export const webhookTrialBody = z.strictObject({
  call_uuid: z.string().optional().describe('the tokens of this call, else of a sample'),
  send: z.boolean().default(true).describe('false only shows the request'),
});
export const replayBody = z.strictObject({
  since: z.iso
    .datetime({ offset: true, message: 'write a time like 2026-03-01T12:00:00Z' })
    .transform(Date.parse)
    .describe('given up since then'),
});

/** `/webhooks` and `/deliveries`: how deliveries are doing, and what an operator does when they do not (semantics §8). */
export function webhookRoutes(deps: WebhookRouteDeps): Router {
  const { store, clock, wakeDeliveries } = deps;
  const router = Router();
  router.get('/webhooks', async (_req, res) => {
    const all = webhooksOf(deps.account());
    const states = await store.listWebhookStates({ ids: all.map(({ webhook }) => webhook.id) });
    sendJson(res, 200, {
      webhooks: all.map(({ campaign, webhook }, at) => webhookJson(campaign, webhook, states[at]!)),
    });
  });
  router.get('/webhooks/:id/deliveries', async (req, res) => {
    const { webhook } = await find(deps, req.params.id);
    const limit = pageLength(req);
    const page = { webhookId: webhook.id, state: stateAsked(req), limit, before: timeAsked(req) };
    const listed = await store.listDeliveries(page);
    const last = listed.length < limit ? undefined : listed.at(-1);
    const deliveries = listed.map(({ delivery, tries }) => ({
      call_uuid: delivery.call_uuid,
      ...deliveryJson(delivery, tries),
    }));
    sendJson(res, 200, { deliveries, next: last === undefined ? null : rfc3339(last.delivery.due_at) });
  });
  router.post('/deliveries/:id/replay', async (req, res) => {
    const { replayed } = await store.replayDelivery({ deliveryId: req.params.id, now: clock.now() });
    if (!replayed) throw new HttpProblem('delivery_unknown', 'There is no such delivery, or it is still to be made.');
    wakeDeliveries();
    sendJson(res, 202, { delivery_id: req.params.id, state: 'due' });
  });
  router.post('/webhooks/:id/replay', async (req, res) => {
    const { webhook, state } = await find(deps, req.params.id);
    const { since } = await readJsonBody(req, replayBody);
    if (state.off_at !== null) {
      throw new HttpProblem('webhook_off', 'The webhook is switched off: switch it on first.');
    }
    sendJson(res, 202, { webhook_id: webhook.id, replayed: await replayAll(deps, webhook.id, since) });
  });
  router.post('/webhooks/:id/switch-on', async (req, res) => {
    const { campaign, webhook } = await find(deps, req.params.id);
    sendJson(res, 200, webhookJson(campaign, webhook, await store.switchOnWebhook({ webhookId: webhook.id })));
  });
  router.get('/webhooks/:id/secret', async (req, res) => {
    const { webhook, state } = await find(deps, req.params.id);
    sendJson(res, 200, secretJson(deps, webhook, state));
  });
  router.post('/webhooks/:id/rotate-secret', async (req, res) => {
    const { webhook } = await find(deps, req.params.id);
    const { keep_hours: hours } = await readJsonBody(req, secretRotationBody);
    const rotated = { webhookId: webhook.id, keepMs: hours * HOUR_MS, now: clock.now() };
    sendJson(res, 200, secretJson(deps, webhook, await store.rotateWebhookSecret(rotated)));
  });
  router.post('/webhooks/:id/test', async (req, res) => sendJson(res, 200, await test(deps, req)));
  return router;
}

async function replayAll({ store, clock, wakeDeliveries }: WebhookRouteDeps, webhookId: string, since: number) {
  let total = 0;
  for (;;) {
    const { replayed } = await store.replayFailed({ webhookId, since, limit: REPLAYED_AT_ONCE, now: clock.now() });
    total += replayed;
    wakeDeliveries();
    if (replayed < REPLAYED_AT_ONCE) return total;
  }
}

async function test(deps: WebhookRouteDeps, req: Request<{ id: string }>) {
  const { campaign, webhook, state } = await find(deps, req.params.id);
  const { call_uuid: asked, send } = await readJsonBody(req, webhookTrialBody);
  const uuid = asked === undefined ? undefined : (parseUuid(asked) ?? asked);
  const call = uuid === undefined ? undefined : await deps.store.getCall({ uuid });
  if (uuid !== undefined && call === undefined) throw new HttpProblem('call_unknown', 'There is no such call.');
  const account = deps.account();
  const tried = await deps.trials.run({ account, campaign, webhook, secret: generationOf(state), call, send });
  const { result, told, ...request } = tried;
  if (result === undefined) return { request };
  const { elapsedMs, httpStatus, answer, error } = result;
  const elapsed = Math.round(elapsedMs) / 1000;
  return {
    request,
    result: {
      ...{ elapsed_seconds: elapsed, http_status: httpStatus ?? null, error: error ?? null, answer: answer ?? null },
      ...(told === undefined ? {} : { tags: told.tags, problem: told.problem ?? null }),
    },
  };
}

interface Found {
  readonly campaign: Campaign;
  readonly webhook: Webhook;
  readonly state: WebhookStateRow;
}

async function find({ account, store }: WebhookRouteDeps, id: string): Promise<Found> {
  const found = webhooksOf(account()).find(({ webhook }) => webhook.id === id);
  if (found === undefined) throw new HttpProblem('webhook_unknown', 'There is no such webhook in the account.');
  const [state] = await store.listWebhookStates({ ids: [id] });
  return { ...found, state: state! };
}

function webhooksOf({ campaigns }: Account) {
  return campaigns.flatMap((campaign) => campaign.webhooks.map((webhook) => ({ campaign, webhook })));
}

function generationOf({ secret_generation, previous_secret_until }: WebhookStateRow): SecretGeneration {
  return { generation: secret_generation, previousUntil: previous_secret_until };
}

function secretJson({ trials, clock }: WebhookRouteDeps, webhook: Webhook, state: WebhookStateRow) {
  const [secret, previous] = trials.printedSecrets(webhook.id, generationOf(state));
  const isOverlap = state.previous_secret_until > clock.now() && previous !== undefined;
  return {
    webhook_id: webhook.id,
    secret,
    previous_secret: isOverlap ? previous : null,
    previous_valid_until: isOverlap ? rfc3339(state.previous_secret_until) : null,
  };
}

function stateAsked(req: Request): DeliveryState {
  const asked = queryValue(req, 'state') ?? 'dead';
  const state = STATES.find((each) => each === asked);
  if (state === undefined) throw new HttpProblem('query_invalid', `state must be one of ${STATES.join(', ')}.`);
  return state;
}

function timeAsked(req: Request): number | undefined {
  const text = queryValue(req, 'before');
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new HttpProblem('query_invalid', 'before must be the "next" of the page before.');
  return at;
}
