import { healthAfter, type OffReason } from '../domain/webhook-health.ts';
import { insertRow } from '../store/insert-row.ts';
import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';
import type { DeliveryState } from '../store/tables.ts';
import { putWebhookState, untouchedWebhook, webhookStates } from '../store/webhook-state-rows.ts';

export interface RecordTryInput {
  readonly deliveryId: string;
  readonly owner: string;
  readonly at: number;
  readonly elapsedMs: number;
  readonly httpStatus?: number | undefined;
  readonly error?: string | undefined;
  /** First bytes of the answer. */
  readonly answer?: string | undefined;
  readonly next:
    | { readonly state: 'delivered' }
    /** `gone`: whatever else waits for this webhook is dead too (410). */
    | { readonly state: 'dead'; readonly gone?: boolean | undefined }
    | { readonly state: 'due'; readonly dueAt: number };
  readonly now: number;
}

export interface RecordedTry {
  readonly counted: boolean;
  /** This try has switched the webhook off. */
  readonly switchedOff?: OffReason;
}

/** Keeps one try and what follows from it. Without the lease the try is kept but only a success counts. */
export async function recordTry(context: OperationContext, input: RecordTryInput): Promise<RecordedTry> {
  const { deliveryId, owner, next, now } = input;
  const delivery = await countTry.first(context, { deliveryId });
  if (delivery === undefined) return { counted: false };
  await insertRow(context, 'delivery_tries', tryRow(input, delivery.tries));
  const hasLease = delivery.lease_owner === owner || next.state === 'delivered';
  if (delivery.state !== 'due' || !hasLease) return { counted: false };
  if (next.state === 'due') await postpone.run(context, { deliveryId, dueAt: next.dueAt });
  else await finish.run(context, { deliveryId, state: next.state, now });
  const switchedOff = await noteHealth(context, delivery.webhook_id, input);
  if (switchedOff === undefined) return { counted: true };
  await abandonWebhook.run(context, { webhookId: delivery.webhook_id, now });
  return { counted: true, switchedOff };
}

/** Answers why the webhook is switched off, if it is just now. */
async function noteHealth(
  context: OperationContext,
  webhookId: string,
  { next, at }: RecordTryInput,
): Promise<OffReason | undefined> {
  const state = (await webhookStates(context, [webhookId])).get(webhookId) ?? untouchedWebhook(webhookId);
  const before = { failingSince: state.failing_since, offAt: state.off_at, offReason: state.off_reason };
  const isGone = next.state === 'dead' && next.gone === true;
  const after = healthAfter(before, { at, isSuccess: next.state === 'delivered', isGone });
  if (after.failingSince === before.failingSince && after.offAt === before.offAt) return undefined;
  const { failingSince, offAt, offReason } = after;
  await putWebhookState(context, { ...state, failing_since: failingSince, off_at: offAt, off_reason: offReason });
  return before.offAt === null && offReason !== null ? offReason : undefined;
}

function tryRow(input: RecordTryInput, tryNumber: number) {
  return {
    delivery_id: input.deliveryId,
    try_number: tryNumber,
    at: input.at,
    elapsed_ms: Math.round(input.elapsedMs),
    http_status: input.httpStatus ?? null,
    error: input.error ?? null,
    answer: input.answer ?? null,
  };
}

const countTry = statement<{ deliveryId: string }>()((db, value) =>
  db
    .updateTable('deliveries')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('id', '=', value.deliveryId)
    .returning(['tries', 'state', 'lease_owner', 'webhook_id']),
);

const postpone = statement<{ deliveryId: string; dueAt: number }>()((db, value) =>
  db.updateTable('deliveries').set({ due_at: value.dueAt, lease_owner: null }).where('id', '=', value.deliveryId),
);

const finish = statement<{ deliveryId: string; state: DeliveryState; now: number }>()((db, value) =>
  db
    .updateTable('deliveries')
    .set({ state: value.state, finished_at: value.now, lease_owner: null })
    .where('id', '=', value.deliveryId),
);

const abandonWebhook = statement<{ webhookId: string; now: number }>()((db, value) =>
  db
    .updateTable('deliveries')
    .set({ state: 'dead', finished_at: value.now, lease_owner: null })
    .where('state', '=', 'due')
    .where('webhook_id', '=', value.webhookId),
);
