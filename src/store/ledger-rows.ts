import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { LedgerRow } from './tables.ts';

const bySeq = statement<{ uuid: string; seq: number }>()((db, value) =>
  db.selectFrom('ledger').selectAll().where('call_uuid', '=', value.uuid).where('seq', '=', value.seq),
);

/** The row with this number in the call's ledger. */
export function findLedgerRow(context: OperationContext, uuid: string, seq: number): Promise<LedgerRow | undefined> {
  return bySeq.first(context, { uuid, seq });
}
