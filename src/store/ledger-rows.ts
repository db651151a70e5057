import { sql } from 'kysely';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { LedgerRow } from './tables.ts';

const deciding = statement<{ uuid: string }>()((db, value) =>
  db
    .selectFrom('ledger')
    .selectAll()
    .where('call_uuid', '=', value.uuid)
    .where('kind', '!=', sql.lit('dispute'))
    .orderBy('seq', 'desc')
    .limit(1),
);

/** The row that says what the call is worth and why; notes of a dispute, which repeat it, are passed over. */
export function findDecidingRow(context: OperationContext, uuid: string): Promise<LedgerRow | undefined> {
  return deciding.first(context, { uuid });
}
