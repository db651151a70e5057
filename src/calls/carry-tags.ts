import type { Campaign } from '../domain/account.ts';
import { type CallTag, MOST_TAGS } from '../domain/call-tag.ts';
import { daysBefore } from '../domain/days-before.ts';
import type { EarlierCallRow } from '../store/caller-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { TagRow } from '../store/tables.ts';
import { addTag, tagsOfCall } from '../store/tag-rows.ts';

/** A call that has its own tags already, and what is known of its caller. */
export interface ReturningCall {
  readonly uuid: string;
  readonly campaign: Campaign;
  /** Newest first. */
  readonly earlier: readonly EarlierCallRow[];
  readonly now: number;
}

/**
 * Copies what buyers said by `add_tags` about the caller's last answered call of this campaign, as its rule says; never
 * system tags nor those of numbers, publishers and campaigns (semantics §6). Answers what was copied.
 */
export async function carryTags(context: OperationContext, call: ReturningCall): Promise<CallTag[]> {
  const wanted = await tagsToCarry(context, call);
  return wanted.length === 0 ? [] : copyTags(context, call, wanted);
}

/** What `carryTags` would copy, oldest first: reads only. */
export async function tagsToCarry(
  context: OperationContext,
  { campaign, earlier, now }: Omit<ReturningCall, 'uuid'>,
): Promise<TagRow[]> {
  const { withinDays, carryTags: rule } = campaign.repeatCallers;
  if (rule === 'none') return [];
  const since = daysBefore(now, withinDays);
  const last = earlier.find(({ campaignId, answeredAt }) => campaignId === campaign.id && answeredAt > since);
  if (last === undefined) return [];
  const theirs = await tagsOfCall(context, last.uuid);
  const wanted = theirs.filter((tag) => isPosted(tag) && (rule === 'all' || rule.includes(tag.name)));
  return wanted.sort(byAge);
}

/** Carried on from call to call, as long as each comes within the days of the rule. */
function isPosted({ source }: TagRow): boolean {
  return source === 'postback' || source === 'carried';
}

function byAge(a: TagRow, b: TagRow): number {
  return a.added_at - b.added_at || (a.name < b.name ? -1 : 1);
}

/** Up to the limit of tags, which those it has count towards. */
async function copyTags(
  context: OperationContext,
  { uuid, now }: ReturningCall,
  tags: readonly TagRow[],
): Promise<CallTag[]> {
  let room = MOST_TAGS - (await tagsOfCall(context, uuid)).length;
  const copied: CallTag[] = [];
  for (const { name, value } of tags) {
    if (room <= 0) break;
    if (!(await addTag(context, { call_uuid: uuid, name, value, source: 'carried', added_at: now }))) continue;
    copied.push({ name, value });
    room -= 1;
  }
  return copied;
}
