import { answerAttempt } from '../store/attempt-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { type BeginAttemptInput, beginAttempt } from './begin-attempt.ts';

export interface NoteAnswerInput extends BeginAttemptInput {
  /** First 180 or 183. */
  readonly ringingAt?: number | undefined;
}

/**
 * The buyer's 2xx is here and the caller is about to be told. If the service dies before it can record the answer, this row
 * says that there was one: the two may be talking. The attempt's own beginning may still be waiting to be written.
 */
export async function noteAnswer(context: OperationContext, input: NoteAnswerInput): Promise<{ enqueued: number }> {
  const { callUuid, seq, now } = input;
  const answer = { callUuid, seq, ringingAt: input.ringingAt ?? null, answeredAt: now };
  if (await answerAttempt(context, answer)) return { enqueued: 0 };
  const begun = await beginAttempt(context, input);
  await answerAttempt(context, answer);
  return begun;
}
