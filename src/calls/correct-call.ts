import type { Conversion } from '../domain/conversion.ts';
import { changeCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import type { ChangedCall } from './convert-call.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { addLedgerRow, type MoneySource, moneyChanges } from './ledger-entry.ts';
import { decisionData } from './settle-call.ts';

/** New money for a converted call: a further ledger row and `conversion_updated`. Undefined if somebody was faster (semantics §3). */
export async function correctCall(
  context: OperationContext,
  call: CallRow,
  { conversion, correctsSeq }: { readonly conversion: Conversion; readonly correctsSeq: number },
  source: MoneySource,
): Promise<ChangedCall | undefined> {
  const corrected = await changeCall(context, call, moneyChanges(call, conversion, source));
  if (corrected === undefined) return undefined;
  await addLedgerRow(context, corrected, conversion, source, { kind: 'correction', correctsSeq });
  const event = { now: source.now, data: decisionData(corrected) };
  return { call: corrected, enqueued: await recordAndFire(context, corrected, 'conversion_updated', event) };
}
