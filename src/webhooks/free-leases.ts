import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';

const freeAll = statement<{ now: number }>()((db, value) =>
  db
    .updateTable('deliveries')
    .set({ due_at: value.now, lease_owner: null })
    .where('state', '=', 'due')
    .where('lease_owner', 'is not', null)
    .where('due_at', '>', value.now),
);

/**
 * What a worker that is dead had claimed is due at once. Only for a node that has the database to itself and has no worker
 * yet; without it the deliveries would wait for the end of their leases.
 */
export async function freeLeases(
  context: OperationContext,
  { now }: { readonly now: number },
): Promise<{ freed: number }> {
  return { freed: await freeAll.run(context, { now }) };
}
