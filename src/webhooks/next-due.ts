import type { OperationContext } from '../store/store.ts';

/** When the next delivery is due, or the next lease ends; null when nothing waits. */
export async function nextDueDelivery(
  { db }: OperationContext,
  _input: Readonly<Record<string, never>>,
): Promise<{ dueAt: number | null }> {
  const row = await db
    .selectFrom('deliveries')
    .where('state', '=', 'due')
    .select(({ fn }) => fn.min<number | null>('due_at').as('due_at'))
    .executeTakeFirst();
  return { dueAt: row?.due_at == null ? null : Number(row.due_at) };
}
