import { insertRow } from '../store/insert-row.ts';
import { findPurgeableCalls, removeCall } from '../store/purged-rows.ts';
import type { OperationContext } from '../store/store.ts';

/** How far retention reaches. */
export interface PurgeCallsInput {
  readonly endedBefore: number;
  /** At most so many calls in this transaction. */
  readonly limit: number;
  readonly now: number;
}

/** Retention: removes decided calls with all that belongs to them, oldest first; only their uuids stay, to answer 410. Strays go by their own age. */
export async function purgeCalls(context: OperationContext, input: PurgeCallsInput): Promise<{ purged: number }> {
  const uuids = await findPurgeableCalls(context, input);
  for (const uuid of uuids) {
    await insertRow(context, 'purged_calls', { uuid, purged_at: input.now });
    await removeCall(context, uuid);
  }
  await context.db.deleteFrom('stray_postbacks').where('at', '<', input.endedBefore).execute();
  return { purged: uuids.length };
}
