import { MOST_TAGS, readCallTags } from '../domain/call-tag.ts';
import type { OperationContext } from '../store/store.ts';
import { addTag, tagsOfCall } from '../store/tag-rows.ts';
import { admitPostback, type PostbackInput } from './admit-postback.ts';
import { recordAndFire } from './fire-webhooks.ts';
import { logPostback } from './log-postback.ts';
import { accepted, type PostbackAnswer } from './postback-answer.ts';

/** An authenticated `add_tags` request; each parameter is a tag. */
export type AddTagsInput = PostbackInput;

/** `add_tags` with the right key: each parameter becomes `name:value` on this call; decides nothing by itself (semantics §5). */
export async function addTags(context: OperationContext, input: AddTagsInput): Promise<PostbackAnswer> {
  const admission = await admitPostback(context, input);
  if (admission.kind === 'stranger') return admission.answer;
  const { call } = admission;
  if (admission.kind === 'refused') {
    await logPostback(context, input, admission.answer, { kind: 'add_tags', call });
    return admission.answer;
  }
  const { added, ignored } = await add(context, input);
  const data = { added, ignored };
  const enqueued = added.length === 0 ? 0 : await recordAndFire(context, call, 'tags_added', { now: input.now, data });
  const { body } = accepted(call, { status: added.length === 0 ? 'unchanged' : 'tagged' });
  const answer: PostbackAnswer = { httpStatus: 200, body: { ...body, added, ignored }, enqueued };
  await logPostback(context, input, answer, { kind: 'add_tags', call });
  return answer;
}

/** Beyond the limit of tags a new one is ignored; one that is there already costs nothing. */
async function add(
  context: OperationContext,
  { uuid, parameters, now }: AddTagsInput,
): Promise<{ added: string[]; ignored: string[] }> {
  const { tags, ignored } = readCallTags(parameters);
  const known = new Set((await tagsOfCall(context, uuid)).map(({ name, value }) => `${name}:${value}`));
  const refused = new Set(ignored);
  const added: string[] = [];
  for (const { name, value } of tags) {
    const pair = `${name}:${value}`;
    if (known.has(pair)) continue;
    if (known.size >= MOST_TAGS) {
      refused.add(name);
      continue;
    }
    await addTag(context, { call_uuid: uuid, name, value, source: 'postback', added_at: now });
    known.add(pair);
    added.push(pair);
  }
  return { added, ignored: [...refused] };
}
