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
  /** Who did it and why, for what an operator does. */
  readonly person?: string | undefined;
  readonly note?: string | undefined;
  readonly now: number;
}

/** What a ledger row is, beside its money. */
export type LedgerEntry =
  | { readonly kind: 'conversion' | 'dispute' }
  | { readonly kind: 'correction'; readonly correctsSeq: number };

/** The columns of a call that move with every ledger row. */
export function moneyChanges(call: CallRow, conversion: Conversion, { postedValue }: MoneySource) {
  return {
    revenue_micros: conversion.revenueMicros,
    payout_micros: conversion.payoutMicros,
    postback_value: postedValue ?? call.postback_value,
    ledger_seq: call.ledger_seq + 1,
  };
}

/** The row behind the call's money, numbered as the call says. */
export async function addLedgerRow(
  context: OperationContext,
  call: CallRow,
  conversion: Conversion,
  { actor, postedValue, person, note, now }: MoneySource,
  entry: LedgerEntry,
): Promise<void> {
  const { currency } = await readConfiguration(context);
  await insertRow(context, 'ledger', {
    id: newUuid(now),
    call_uuid: call.uuid,
    seq: call.ledger_seq,
    at: now,
    kind: entry.kind,
    actor,
    group_id: call.group_id,
    posted_value: postedValue,
    rule_index: conversion.ruleIndex,
    explanation: conversion.explanation,
    revenue_micros: conversion.revenueMicros,
    payout_micros: conversion.payoutMicros,
    currency,
    corrects_seq: entry.kind === 'correction' ? entry.correctsSeq : null,
    person: person ?? null,
    note: note ?? null,
  });
}
