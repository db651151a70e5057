import { listStatement } from '../store/list-statement.ts';
import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';
import type { DeliveryRow, DeliveryState, DeliveryTryRow } from '../store/tables.ts';

export interface ListDeliveriesInput {
  readonly webhookId: string;
  readonly state: DeliveryState;
  readonly limit: number;
  /** `due_at` of the last one of the page before. */
  readonly before?: number | undefined;
}

export interface ListedDelivery {
  readonly delivery: DeliveryRow;
  /** In the order made. */
  readonly tries: readonly DeliveryTryRow[];
}

const page = statement<{ webhookId: string; state: DeliveryState; before: number; limit: number }>()((db, value) =>
  db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', value.state)
    .where('webhook_id', '=', value.webhookId)
    .where('due_at', '<', value.before)
    .orderBy('due_at', 'desc')
    .limit(value.limit),
);

const triesOf = listStatement<object>()((db, ids) =>
  db.selectFrom('delivery_tries').selectAll().where('delivery_id', 'in', ids),
);

/** Deliveries of a webhook in one state with all their tries, the newest first, by index. */
export async function listDeliveries(
  context: OperationContext,
  { before = Number.MAX_SAFE_INTEGER, ...input }: ListDeliveriesInput,
): Promise<ListedDelivery[]> {
  const deliveries = await page.all(context, { ...input, before });
  const ids = deliveries.map(({ id }) => id);
  const tries = ids.length === 0 ? [] : await triesOf.all(context, ids, {});
  tries.sort((a, b) => a.try_number - b.try_number);
  return deliveries.map((delivery) => ({ delivery, tries: tries.filter((each) => each.delivery_id === delivery.id) }));
}
