import type { DataQuestion } from '../domain/answer-tags.ts';
import { addEvent } from '../store/event-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { ClaimedDelivery } from '../webhooks/claimed-delivery.ts';
import { claimDataRequests } from '../webhooks/enqueue.ts';
import { webhookSources } from './fire-webhooks.ts';
import { requireCall } from './require-call.ts';

export interface RequestDataInput extends DataQuestion {
  /** Who is going to send the requests, and how long nobody else may. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly now: number;
}

/**
 * The call waits for data: an event `data_requested` and one delivery, leased to the asker, for each webhook whose answer
 * becomes tags (semantics §8). Throws AppError `call_unknown`.
 */
export async function requestData(context: OperationContext, input: RequestDataInput): Promise<ClaimedDelivery[]> {
  const { callUuid, trigger, buyerId = null, now } = input;
  const call = await requireCall(context, callUuid);
  const sources = await webhookSources(context, call, [trigger], buyerId);
  if (sources === undefined || call.ended_at !== null) return [];
  const data = { trigger, buyer_id: buyerId };
  const event = await addEvent(context, { call_uuid: callUuid, type: 'data_requested', at: now, data });
  return claimDataRequests(context, { ...sources, trigger, eventId: event.id, eventAt: event.at, now }, input);
}
