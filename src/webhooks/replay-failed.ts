import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';

export interface ReplayFailedInput {
  readonly webhookId: string;
  /** Given up at or after this. */
  readonly since: number;
  /** At most so many in this transaction. */
  readonly limit: number;
  readonly now: number;
}

const revive = statement<ReplayFailedInput>()((db, value) =>
  db
    .updateTable('deliveries')
    .set({ state: 'due', due_at: value.now, finished_at: null, lease_owner: null })
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('deliveries')
        .where('state', '=', 'dead')
        .where('webhook_id', '=', value.webhookId)
        .where('finished_at', '>=', value.since)
        .limit(value.limit)
        .select('id'),
    ),
);

/** Sends what was given up once more, with the same event ids and token values (semantics §8). */
export async function replayFailed(context: OperationContext, input: ReplayFailedInput): Promise<{ replayed: number }> {
  return { replayed: await revive.run(context, input) };
}
