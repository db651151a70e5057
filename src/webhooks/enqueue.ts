import type { Campaign, Publisher, Webhook, WebhookTrigger } from '../domain/account.ts';
import type { Buyer } from '../domain/buyer.ts';
import { matchesTags, type TagValues, tagValues } from '../domain/tag-match.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, DeliveryRow, TagRow, WebhookStateRow } from '../store/tables.ts';
import { webhookStates } from '../store/webhook-state-rows.ts';
import { type ClaimedDelivery, claimedDelivery } from './claimed-delivery.ts';
import { takeTokenSnapshot } from './token-snapshot.ts';

export interface EnqueueInput {
  readonly call: CallRow;
  readonly campaign: Campaign;
  readonly tags: readonly TagRow[];
  readonly trigger: WebhookTrigger;
  readonly eventId: string;
  readonly eventAt: number;
  readonly publisher?: Publisher | undefined;
  /** The buyer the event is about; default is the call's. */
  readonly buyer?: Buyer | undefined;
  readonly now: number;
  readonly currency: string;
}

/**
 * Adds one delivery row per webhook of the campaign that wants the event; answers how many. Part of the transaction that
 * made the event, so neither exists without the other (semantics §8). Webhooks the call waits for are asked separately.
 */
export async function enqueueWebhooks(context: OperationContext, input: EnqueueInput): Promise<number> {
  const rows = await outboxRows(context, input, (webhook) => webhook.answer === undefined);
  for (const { row } of rows) await insertRow(context, 'deliveries', row);
  return rows.length;
}

/** Adds the rows of the webhooks whose answer the call waits for, leased to who sends them now. None that is switched off. */
export async function claimDataRequests(
  context: OperationContext,
  input: EnqueueInput,
  { owner, leaseMs }: { readonly owner: string; readonly leaseMs: number },
): Promise<ClaimedDelivery[]> {
  const rows = await outboxRows(context, input, (webhook) => webhook.answer !== undefined);
  const lease = { lease_owner: owner, due_at: input.now + leaseMs };
  const claimed: ClaimedDelivery[] = [];
  for (const { row, state } of rows) {
    if (row.state !== 'due') continue;
    await insertRow(context, 'deliveries', { ...row, ...lease });
    claimed.push(claimedDelivery({ ...row, ...lease }, state));
  }
  return claimed;
}

interface OutboxRow {
  readonly row: DeliveryRow;
  readonly state: WebhookStateRow | undefined;
}

async function outboxRows(
  context: OperationContext,
  input: EnqueueInput,
  isMeant: (webhook: Webhook) => boolean,
): Promise<OutboxRow[]> {
  const listening = input.campaign.webhooks.filter((webhook) => isMeant(webhook) && listensTo(webhook, input.trigger));
  if (listening.length === 0) return [];
  const tags = tagsOfCall(input);
  const wanted = listening.filter((webhook) => matchesTags(webhook.matches, tags));
  if (wanted.length === 0) return [];
  const tokensJson = JSON.stringify(takeTokenSnapshot(input, tags));
  const states = await webhookStates(
    context,
    wanted.map(({ id }) => id),
  );
  return wanted.map((webhook) => {
    const state = states.get(webhook.id);
    return { row: deliveryRow(input, webhook, { tokensJson, isOff: state?.off_at != null }), state };
  });
}

/** `bridged` is an older name of `answered` (semantics §8). */
function listensTo(webhook: Webhook, trigger: WebhookTrigger): boolean {
  const written = webhook.trigger as WebhookTrigger | 'bridged';
  return (written === 'bridged' ? 'answered' : written) === trigger;
}

/** The call's tags, plus the system tags as they are at this event even where no row says so yet. */
function tagsOfCall(input: EnqueueInput): TagValues {
  const system = {
    system_campaign_id: input.call.campaign_id,
    system_publisher_id: input.publisher?.id ?? input.call.publisher_id,
    system_buyer_id: input.buyer?.id ?? input.call.buyer_id,
  };
  const tags = new Map(tagValues(input.tags));
  for (const [name, value] of Object.entries(system)) if (value !== null) tags.set(name, new Set([value]));
  return tags;
}

/**
 * The id says what the row is, so that the same event cannot be put into the outbox twice for one webhook. For a webhook
 * that is switched off it is dead at once, and can be replayed when it is on again.
 */
function deliveryRow(
  input: EnqueueInput,
  webhook: Webhook,
  { tokensJson, isOff }: { readonly tokensJson: string; readonly isOff: boolean },
): DeliveryRow {
  return {
    id: `${input.eventId}.${webhook.id}`,
    event_id: input.eventId,
    call_uuid: input.call.uuid,
    campaign_id: input.campaign.id,
    webhook_id: webhook.id,
    trigger: input.trigger,
    webhook_json: JSON.stringify(webhook),
    tokens_json: tokensJson,
    key_version: input.call.key_version,
    state: isOff ? 'dead' : 'due',
    tries: 0,
    created_at: input.now,
    due_at: input.now,
    lease_owner: null,
    finished_at: isOff ? input.now : null,
  };
}
