import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';

/** When the next delivery is due, or the next lease ends; null when nothing waits. */
export async function nextDueDelivery(context: OperationContext, _input: object): Promise<{ dueAt: number | null }> {
  const row = await earliest.first(context, {});
  return { dueAt: row?.due_at == null ? null : Number(row.due_at) };
}

const earliest = statement<object>()((db) =>
  db
    .selectFrom('deliveries')
    .where('state', '=', 'due')
    .select(({ fn }) => fn.min<number | null>('due_at').as('due_at')),
);
