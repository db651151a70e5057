import type { OperationContext } from '../store/store.ts';

export interface EndAttemptInput {
  readonly callUuid: string;
  readonly seq: number;
  /** Final status; undefined when there was none (transport failure, our own timer). */
  readonly sipStatus?: number | undefined;
  readonly reason: string;
  /** First 180 or 183. */
  readonly ringingAt?: number | undefined;
  readonly now: number;
}

/** An attempt ended without 2xx: event `attempt_failed` (semantics §8). */
export async function endAttempt(_: OperationContext, _input: EndAttemptInput): Promise<{ enqueued: number }> {
  throw new Error('not built yet');
}
