import type { OperationContext } from '../store/store.ts';
import type { PostbackAnswer } from './postback-answer.ts';

export interface ApplyPostbackInput {
  readonly uuid: string;
  readonly method: string;
  readonly sourceAddress: string;
  /** Decoded, in order, without `key`. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Raw query string + `&` + raw form body, without the `key` parameter: where triggers are looked for (semantics §5). */
  readonly rawText: string;
  /** How long after the decision a sale still counts; 30 days when absent. */
  readonly lateLimitMs?: number | undefined;
  readonly now: number;
}

/** `set_value` with the right key: stored, and what follows for the money (semantics §3, §5). */
export async function applyPostback(_: OperationContext, _input: ApplyPostbackInput): Promise<PostbackAnswer> {
  throw new Error('not built yet');
}
