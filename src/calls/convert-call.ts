import type { Conversion } from '../domain/conversion.ts';
import type { ConversionGroup } from '../domain/conversion-group.ts';
import { addToCounts } from '../store/buyer-count-rows.ts';
import { changeCall, hasConverted } from '../store/call-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { addLedgerRow, type MoneySource, moneyChanges } from './ledger-entry.ts';
import { settleCall } from './settle-call.ts';

/** A call after it was changed, and how many deliveries that made. */
export interface ChangedCall {
  readonly call: CallRow;
  readonly enqueued: number;
}

/**
 * A rule of the group says conversion: state, ledger row, event and the webhooks that follow; or, where this caller has
 * converted already, only the mark of a duplicate. Undefined if somebody else changed the call first (semantics §5).
 */
export async function convertCall(
  context: OperationContext,
  call: CallRow,
  { group, conversion }: { readonly group: ConversionGroup; readonly conversion: Conversion },
  source: MoneySource,
): Promise<ChangedCall | undefined> {
  if (await isDuplicate(context, call, group, source.now)) return markDuplicate(context, call, source);
  return makeConverted(context, call, conversion, source);
}

/** The conversion itself, whoever the caller. Undefined if somebody else changed the call first. */
export async function makeConverted(
  context: OperationContext,
  call: CallRow,
  conversion: Conversion,
  source: MoneySource,
): Promise<ChangedCall | undefined> {
  const converted = await changeCall(context, call, {
    state: 'converted',
    window_ends_at: null,
    decided_at: source.now,
    late: call.state === 'not_converted' ? 1 : 0,
    ...moneyChanges(call, conversion, source),
  });
  if (converted === undefined) return undefined;
  const { buyer_id: buyerId } = converted;
  if (buyerId !== null) await addToCounts(context, { buyerId, counts: 'conversions', at: source.now });
  await addLedgerRow(context, converted, conversion, source, { kind: 'conversion' });
  return { call: converted, enqueued: await settleCall(context, converted, 'converted', source.now) };
}

/** Once a duplicate, always one; hidden callers are never the same. */
async function isDuplicate(
  context: OperationContext,
  call: CallRow,
  { id: groupId, dedupeSeconds }: ConversionGroup,
  now: number,
): Promise<boolean> {
  const { uuid: otherThan, campaign_id: campaignId, caller_number: callerNumber } = call;
  if (call.duplicate === 1) return true;
  if (dedupeSeconds === 0 || callerNumber === null) return false;
  const after = now - dedupeSeconds * 1000;
  return hasConverted(context, { campaignId, groupId, callerNumber, after, otherThan });
}

async function markDuplicate(
  context: OperationContext,
  call: CallRow,
  { postedValue }: MoneySource,
): Promise<ChangedCall | undefined> {
  const changes = { duplicate: 1, postback_value: postedValue ?? call.postback_value };
  const marked = await changeCall(context, call, changes);
  return marked && { call: marked, enqueued: 0 };
}
