import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';
import { webhookStates } from '../store/webhook-state-rows.ts';
import { type ClaimedDelivery, claimedDelivery } from './claimed-delivery.ts';

export interface ClaimDeliveriesInput {
  readonly now: number;
  readonly limit: number;
  readonly leaseMs: number;
  /** Who holds the lease, unique per worker. */
  readonly owner: string;
  /** Webhooks whose endpoint has no slot free just now. */
  readonly busyWebhooks?: readonly string[] | undefined;
  /** At most so many of one webhook; absent: a fair share of `limit`. */
  readonly perWebhook?: number | undefined;
}

/**
 * Takes deliveries that are due, the webhook waiting longest first, each at most its share: the backlog of a slow endpoint
 * holds up no other (semantics §8). Each look-up and its update are one statement: nobody takes a delivery in between.
 */
export async function claimDeliveries(
  context: OperationContext,
  input: ClaimDeliveriesInput,
): Promise<ClaimedDelivery[]> {
  const webhooks = await webhooksWithWork(context, input);
  const share = input.perWebhook ?? Math.max(1, Math.ceil(input.limit / Math.max(1, webhooks.length)));
  const claimed: ClaimedDelivery[] = [];
  const { now, owner, leaseMs } = input;
  const leaseEndsAt = now + leaseMs;
  const states = await webhookStates(context, webhooks);
  for (const webhookId of webhooks) {
    const free = input.limit - claimed.length;
    if (free <= 0) break;
    const rows = await claimFrom.all(context, { webhookId, limit: Math.min(share, free), now, leaseEndsAt, owner });
    claimed.push(...rows.map((row) => claimedDelivery(row, states.get(webhookId))));
  }
  return claimed;
}

async function webhooksWithWork(context: OperationContext, input: ClaimDeliveriesInput): Promise<string[]> {
  const rows = await oldestPerWebhook.all(context, {});
  return rows
    .map(({ webhook_id, oldest }) => ({ webhookId: webhook_id ?? '', oldest: Number(oldest) }))
    .filter(({ webhookId, oldest }) => oldest <= input.now && !(input.busyWebhooks ?? []).includes(webhookId))
    .sort((one, other) => one.oldest - other.oldest)
    .map(({ webhookId }) => webhookId);
}

/** Walks the index (state, webhook_id, due_at) from webhook to webhook, so that a backlog is not read through. */
const oldestPerWebhook = statement<object>()((db) =>
  db
    .withRecursive('waiting(webhook_id)', (query) =>
      query
        .selectFrom('deliveries')
        .where('state', '=', 'due')
        .select(({ fn }) => fn.min<string | null>('webhook_id').as('webhook_id'))
        .unionAll(
          query
            .selectFrom('waiting')
            .where('waiting.webhook_id', 'is not', null)
            .select(({ selectFrom }) =>
              selectFrom('deliveries')
                .where('state', '=', 'due')
                .whereRef('deliveries.webhook_id', '>', 'waiting.webhook_id')
                .select(({ fn }) => fn.min<string | null>('deliveries.webhook_id').as('next'))
                .as('webhook_id'),
            ),
        ),
    )
    .selectFrom('waiting')
    .where('waiting.webhook_id', 'is not', null)
    .select('waiting.webhook_id')
    .select(({ selectFrom }) =>
      selectFrom('deliveries')
        .where('state', '=', 'due')
        .whereRef('deliveries.webhook_id', '=', 'waiting.webhook_id')
        .select(({ fn }) => fn.min<number>('deliveries.due_at').as('oldest'))
        .as('oldest'),
    ),
);

interface ClaimFromInput {
  readonly webhookId: string;
  readonly limit: number;
  readonly now: number;
  readonly leaseEndsAt: number;
  readonly owner: string;
}

/**
 * By id alone: with the conditions of the look-up repeated here, SQLite would read through all that is due instead.
 */
const claimFrom = statement<ClaimFromInput>()((db, value) =>
  db
    .updateTable('deliveries')
    .set({ due_at: value.leaseEndsAt, lease_owner: value.owner })
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('deliveries')
        .where('state', '=', 'due')
        .where('webhook_id', '=', value.webhookId)
        .where('due_at', '<=', value.now)
        .orderBy('due_at')
        .orderBy('id')
        .limit(value.limit)
        .select('id'),
    )
    .returningAll(),
);
