import type { WebhookTrigger } from '../domain/account.ts';
import { readConfiguration } from '../store/configuration.ts';
import { addEvent } from '../store/event-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, EventRow } from '../store/tables.ts';
import { tagsOfCall } from '../store/tag-rows.ts';
import { type EnqueueInput, enqueueWebhooks } from '../webhooks/enqueue.ts';

/** An event that webhooks may be waiting for. */
export type FiredEvent = Pick<EventRow, 'id' | 'at'> & { readonly type: WebhookTrigger };

/** Puts a delivery into the outbox for each webhook that wants one of the events; answers how many. */
export async function fireWebhooks(
  context: OperationContext,
  call: CallRow,
  events: readonly FiredEvent[],
  { now, buyerId = call.buyer_id }: { readonly now: number; readonly buyerId?: string | null },
): Promise<number> {
  const types = events.map(({ type }) => type);
  const sources = await webhookSources(context, call, types, buyerId);
  if (sources === undefined) return 0;
  let enqueued = 0;
  for (const { id: eventId, at: eventAt, type: trigger } of events) {
    enqueued += await enqueueWebhooks(context, { ...sources, trigger, eventId, eventAt, now });
  }
  return enqueued;
}

/** What webhooks are filled in with; undefined if none of the call's campaign wants such an event. */
export async function webhookSources(
  context: OperationContext,
  call: CallRow,
  types: readonly WebhookTrigger[],
  buyerId: string | null,
): Promise<Omit<EnqueueInput, 'trigger' | 'eventId' | 'eventAt' | 'now'> | undefined> {
  const { currency, campaigns, publishers, buyers } = await readConfiguration(context);
  const campaign = campaigns.get(call.campaign_id);
  if (campaign === undefined || !campaign.webhooks.some(({ trigger }) => types.includes(trigger))) return undefined;
  const tags = await tagsOfCall(context, call.uuid);
  const publisher = call.publisher_id === null ? undefined : publishers.get(call.publisher_id);
  const buyer = buyerId === null ? undefined : buyers.get(buyerId);
  return { call, campaign, tags, publisher, buyer, currency };
}

/** Something happened to a call that holds nothing back: the event, and at once its webhooks. */
export async function recordAndFire(
  context: OperationContext,
  call: CallRow,
  type: WebhookTrigger,
  { now, data, buyerId }: { readonly now: number; readonly data: object; readonly buyerId?: string },
): Promise<number> {
  const { id, at } = await addEvent(context, { call_uuid: call.uuid, type, at: now, data });
  return fireWebhooks(context, call, [{ id, at, type }], buyerId === undefined ? { now } : { now, buyerId });
}
