import { formatMoney } from '../domain/money.ts';
import { addEvent, findEndedEvent } from '../store/event-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { type FiredEvent, fireWebhooks } from './fire-webhooks.ts';

/**
 * The call has just been decided: the event, and with it every webhook that was held until now. A late conversion repeats
 * neither `ended` nor anything else (semantics §5, §8). Answers how many deliveries that makes.
 */
export async function settleCall(
  context: OperationContext,
  call: CallRow,
  type: 'converted' | 'not_converted',
  now: number,
): Promise<number> {
  const held = call.late === 1 ? [] : await heldEvents(context, call.uuid);
  const { id, at } = await addEvent(context, { call_uuid: call.uuid, type, at: now, data: decisionData(call) });
  return fireWebhooks(context, call, [...held, { id, at, type }], { now });
}

async function heldEvents(context: OperationContext, uuid: string): Promise<FiredEvent[]> {
  const ended = await findEndedEvent(context, uuid);
  return ended === undefined ? [] : [{ id: ended.id, at: ended.at, type: 'ended' }];
}

/** The decision as the call's history shows it. */
export function decisionData(call: CallRow): object {
  return {
    revenue: formatMoney(call.revenue_micros),
    payout: formatMoney(call.payout_micros),
    late: call.late === 1,
    duplicate: call.duplicate === 1,
  };
}
