import type { OperationContext } from '../store/store.ts';

export interface RecordAnswerInput {
  readonly callUuid: string;
  readonly seq: number;
  readonly buyerId: string;
  readonly destination: string;
  /** First 180 or 183. */
  readonly ringingAt?: number | undefined;
  readonly now: number;
}

/** The buyer's 2xx: answer time, buyer, event and webhooks `answered`, at once (semantics §1.3). */
export async function recordAnswer(_: OperationContext, _input: RecordAnswerInput): Promise<{ enqueued: number }> {
  throw new Error('not built yet');
}
