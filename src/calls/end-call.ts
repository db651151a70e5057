import type { CallOutcome } from '../domain/call-outcome.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, MoneyState } from '../store/tables.ts';

export interface EndCallInput {
  readonly callUuid: string;
  readonly hungUpBy: NonNullable<CallRow['hung_up_by']>;
  /** Final status the caller got, for a call that was not answered. */
  readonly sipStatus?: number | undefined;
  readonly q850Cause?: number | undefined;
  readonly outcome: CallOutcome;
  /** The real end is not known; `now` stands for it. */
  readonly endEstimated?: boolean | undefined;
  readonly now: number;
}

export interface EndCallOutput {
  readonly state: MoneyState;
  readonly enqueued: number;
}

/** The call is over: group chosen and kept, money decided or its window opened; a second time changes nothing (semantics §1.4–5). */
export async function endCall(_: OperationContext, _input: EndCallInput): Promise<EndCallOutput> {
  throw new Error('not built yet');
}
