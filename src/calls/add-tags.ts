import type { OperationContext } from '../store/store.ts';
import type { PostbackAnswer } from './postback-answer.ts';

export interface AddTagsInput {
  readonly uuid: string;
  readonly method: string;
  readonly sourceAddress: string;
  /** Decoded, in order, without `key`. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly now: number;
}

/** `add_tags` with the right key: each parameter becomes `name:value` on this call (semantics §5). */
export async function addTags(_: OperationContext, _input: AddTagsInput): Promise<PostbackAnswer> {
  throw new Error('not built yet');
}
