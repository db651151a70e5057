import { sql } from 'kysely';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { CallRow, LedgerRow } from './tables.ts';

const deciding = statement<{ uuid: string }>()((db, value) =>
  db
    .selectFrom('ledger')
    .selectAll()
    .where('call_uuid', '=', value.uuid)
    .where('kind', '!=', sql.lit('dispute'))
    .orderBy('seq', 'desc')
    .limit(1),
);

const bySeq = statement<{ uuid: string; seq: number }>()((db, value) =>
  db.selectFrom('ledger').selectAll().where('call_uuid', '=', value.uuid).where('seq', '=', value.seq),
);

/**
 * The row that says what the call is worth and why; notes of a dispute, which repeat it, are passed over. Nearly always
 * the last one: looked for first, since SQLite plans the ordered query anew for each call.
 */
export async function findDecidingRow(
  context: OperationContext,
  { uuid, ledger_seq: seq }: Pick<CallRow, 'uuid' | 'ledger_seq'>,
): Promise<LedgerRow | undefined> {
  const last = await bySeq.first(context, { uuid, seq });
  return last?.kind === 'dispute' ? deciding.first(context, { uuid }) : last;
}
