import { type CallTag, MOST_TAGS } from '../domain/call-tag.ts';
import type { OperationContext } from '../store/store.ts';
import { addTag, tagsOfCall } from '../store/tag-rows.ts';
import { requireCall } from './require-call.ts';

export interface AddAnswerTagsInput {
  readonly callUuid: string;
  readonly tags: readonly CallTag[];
  readonly now: number;
}

/** Hangs on the call what webhooks told of it, up to the limit of tags (semantics §8). Throws AppError `call_unknown`. */
export async function addAnswerTags(
  context: OperationContext,
  { callUuid, tags, now }: AddAnswerTagsInput,
): Promise<void> {
  await requireCall(context, callUuid);
  let room = MOST_TAGS - (await tagsOfCall(context, callUuid)).length;
  for (const { name, value } of tags) {
    if (room <= 0) return;
    if (await addTag(context, { call_uuid: callUuid, name, value, source: 'answer', added_at: now })) room -= 1;
  }
}
