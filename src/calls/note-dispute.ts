import { AppError } from '../domain/errors.ts';
import { changeCall } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { addLedgerRow } from './ledger-entry.ts';
import { requireCall } from './require-call.ts';

/** Somebody contests the money of a call. */
export interface NoteDisputeInput {
  readonly uuid: string;
  readonly person: string;
  readonly note: string;
  readonly now: number;
}

/** A note in the ledger of a call that is over, with the money as it is: it moves none and fires nothing. Throws AppError. */
export async function noteDispute(context: OperationContext, input: NoteDisputeInput): Promise<{ call: CallRow }> {
  const { uuid, person, note, now } = input;
  const call = await requireCall(context, uuid);
  if (call.state === 'open') throw new AppError('call_running', 'the call still runs: its money is not decided yet');
  const noted = await changeCall(context, call, { ledger_seq: call.ledger_seq + 1 });
  if (noted === undefined) throw new AppError('call_contended', `call ${uuid} is being changed by others: try again`);
  const money = {
    kind: 'conversion',
    revenueMicros: call.revenue_micros,
    payoutMicros: call.payout_micros,
    ruleIndex: null,
    explanation: `disputed by ${person}: ${note}`,
  } as const;
  const source = { actor: 'operator', postedValue: null, person, note, now } as const;
  await addLedgerRow(context, noted, money, source, { kind: 'dispute' });
  return { call: noted };
}
