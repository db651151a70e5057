import type { Conversion } from '../domain/conversion.ts';
import { newUuid } from '../domain/ids.ts';
import { readConfiguration } from '../store/configuration.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, LedgerRow } from '../store/tables.ts';

/** Where money comes from, beside the rule that gave it. */
export interface MoneySource {
  readonly actor: LedgerRow['actor'];
  /** The `revenue` as it was posted. */
  readonly postedValue: string | null;
  readonly now: number;
}

/** The columns of a call that move with every ledger row. */
export function moneyChanges(call: CallRow, conversion: Conversion, { postedValue }: MoneySource) {
  return {
    revenue_micros: conversion.revenueMicros,
    payout_micros: conversion.payoutMicros,
    postback_value: postedValue ?? call.postback_value,
    ledger_seq: call.ledger_seq + 1,
  };
}

/** The row behind the call's money; from the second on, each corrects the one before. */
export async function addLedgerRow(
  context: OperationContext,
  call: CallRow,
  conversion: Conversion,
  { actor, postedValue, now }: MoneySource,
): Promise<void> {
  const { currency } = await readConfiguration(context);
  await insertRow(context, 'ledger', {
    id: newUuid(now),
    call_uuid: call.uuid,
    seq: call.ledger_seq,
    at: now,
    actor,
    group_id: call.group_id,
    posted_value: postedValue,
    rule_index: conversion.ruleIndex,
    explanation: conversion.explanation,
    revenue_micros: conversion.revenueMicros,
    payout_micros: conversion.payoutMicros,
    currency,
    corrects_seq: call.ledger_seq === 1 ? null : call.ledger_seq - 1,
  });
}
