import { AppError } from '../domain/errors.ts';
import { formatMoney } from '../domain/money.ts';
import { findDecidingRow } from '../store/ledger-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { type ChangedCall, makeConverted } from './convert-call.ts';
import { correctCall } from './correct-call.ts';
import type { MoneySource } from './ledger-entry.ts';
import { requireCall } from './require-call.ts';

/** What a person says the call is worth. */
export interface CorrectByHandInput {
  readonly uuid: string;
  readonly revenueMicros: number;
  readonly payoutMicros: number;
  /** Number of the last ledger row the person has seen, 0 for none: whoever changed the money meanwhile is not overruled unseen. */
  readonly expectedSeq: number;
  readonly person: string;
  readonly reason: string;
  readonly now: number;
}

/**
 * A person's word on the money of a call, as a further ledger row (semantics §1): corrects a conversion, also to nothing, or
 * makes one of a call that was not converted. From then on postbacks move no money of this call. Throws AppError.
 */
export async function correctByHand(context: OperationContext, input: CorrectByHandInput): Promise<ChangedCall> {
  const call = await requireCall(context, input.uuid);
  refuseUnlessCorrectable(call, input);
  const source: MoneySource = {
    actor: 'operator',
    postedValue: null,
    person: input.person,
    note: input.reason,
    now: input.now,
  };
  const changed =
    call.state === 'converted' ? correct(context, call, input, source) : convert(context, call, input, source);
  return (await changed) ?? contended(call);
}

function refuseUnlessCorrectable(call: CallRow, input: CorrectByHandInput): void {
  const { revenueMicros, payoutMicros, expectedSeq } = input;
  if (call.ledger_seq !== expectedSeq) {
    const now = `ledger row ${call.ledger_seq} is the last one, not ${expectedSeq}`;
    throw new AppError('ledger_moved', `${now}: read the call again, then decide`);
  }
  if (call.state === 'open') throw new AppError('call_running', 'the call still runs: correct its money after its end');
  if (call.buyer_id === null)
    throw new AppError('call_not_billable', 'no buyer answered this call: it cannot have money');
  if (call.revenue_micros === revenueMicros && call.payout_micros === payoutMicros) {
    const money = `${formatMoney(revenueMicros)}/${formatMoney(payoutMicros)}`;
    throw new AppError('money_unchanged', `the call's money is ${money} already: nothing to correct`);
  }
}

async function correct(
  context: OperationContext,
  call: CallRow,
  input: CorrectByHandInput,
  source: MoneySource,
): Promise<ChangedCall | undefined> {
  const row = await findDecidingRow(context, call);
  if (row === undefined) throw new Error(`converted call ${call.uuid} has no ledger`);
  return correctCall(context, call, { conversion: byHand(input), correctsSeq: row.seq }, source);
}

/** The rule against duplicates is not asked: a person decides. In a running window this is the decision. */
function convert(
  context: OperationContext,
  call: CallRow,
  input: CorrectByHandInput,
  source: MoneySource,
): Promise<ChangedCall | undefined> {
  return makeConverted(context, call, byHand(input), source);
}

function byHand({ revenueMicros, payoutMicros, person, reason }: CorrectByHandInput) {
  const explanation = `set by ${person}: ${reason}`;
  return { kind: 'conversion', revenueMicros, payoutMicros, ruleIndex: null, explanation } as const;
}

function contended({ uuid }: CallRow): never {
  throw new AppError('call_contended', `call ${uuid} is being changed by others: try again`);
}
