import type { OperationContext } from '../store/store.ts';
import type { TagRow } from '../store/tables.ts';

export interface BeginCallInput {
  readonly uuid: string;
  readonly keyVersion: number;
  readonly nodeId: string;
  readonly carrierId: string;
  readonly campaignId: string;
  readonly publisherId?: string | undefined;
  readonly dialedNumber: string;
  /** Absent when hidden. */
  readonly callerNumber?: string | undefined;
  readonly sipCallId: string;
  /** Of number, publisher and campaign; system tags are added here. */
  readonly tags: readonly Pick<TagRow, 'name' | 'value' | 'source'>[];
  readonly now: number;
}

/** The call is accepted: its row, its tags and the event `start` (semantics §1.1). */
export async function beginCall(_: OperationContext, _input: BeginCallInput): Promise<{ enqueued: number }> {
  throw new Error('not built yet');
}
