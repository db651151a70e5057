import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';

const put = statement<{ nodeId: string; now: number }>()((db, value) =>
  db
    .insertInto('nodes')
    .values({ id: value.nodeId, alive_at: value.now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ alive_at: value.now })),
);

/** Notes that the node lived at this instant. */
export async function keepAlive(
  context: OperationContext,
  input: { readonly nodeId: string; readonly now: number },
): Promise<void> {
  await put.run(context, input);
}

/** When the node last said that it lives, or undefined if it never did. */
export async function lastSignOfLife({ db }: OperationContext, nodeId: string): Promise<number | undefined> {
  const row = await db.selectFrom('nodes').select('alive_at').where('id', '=', nodeId).executeTakeFirst();
  return row?.alive_at;
}
