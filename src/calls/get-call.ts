import type { OperationContext } from '../store/store.ts';
import type {
  AttemptRow,
  CallRow,
  DeliveryRow,
  DeliveryTryRow,
  EventRow,
  LedgerRow,
  PostbackRow,
  TagRow,
} from '../store/tables.ts';

/** A call with everything that belongs to it, oldest first. */
export interface CallRecord {
  readonly call: CallRow;
  readonly attempts: readonly AttemptRow[];
  readonly tags: readonly TagRow[];
  readonly ledger: readonly LedgerRow[];
  readonly events: readonly EventRow[];
  readonly postbacks: readonly PostbackRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly tries: readonly DeliveryTryRow[];
}

/** One call with its history, or undefined. */
export async function getCall(_: OperationContext, _input: { readonly uuid: string }): Promise<CallRecord | undefined> {
  throw new Error('not built yet');
}
