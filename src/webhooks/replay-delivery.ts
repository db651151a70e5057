import type { OperationContext } from '../store/store.ts';

/** Sends a finished delivery once more, with the same event id and token values (semantics §8). */
export async function replayDelivery(
  { db }: OperationContext,
  { deliveryId, now }: { readonly deliveryId: string; readonly now: number },
): Promise<{ replayed: boolean }> {
  const row = await db
    .updateTable('deliveries')
    .set({ state: 'due', due_at: now, finished_at: null, lease_owner: null })
    .where('id', '=', deliveryId)
    .where('state', '<>', 'due')
    .returning('id')
    .executeTakeFirst();
  return { replayed: row !== undefined };
}
