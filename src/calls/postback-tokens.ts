import { AppError } from '../domain/errors.ts';
import { newUuid } from '../domain/ids.ts';
import { readConfiguration } from '../store/configuration.ts';
import { insertRow } from '../store/insert-row.ts';
import { findPostbackToken } from '../store/postback-token-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { PostbackTokenRow } from '../store/tables.ts';

/** A postback URL for a partner and a group. */
export interface CreatePostbackTokenInput {
  readonly campaignId: string;
  readonly groupId: string;
  readonly buyerId: string;
  readonly name: string;
  readonly callerWithinDays: number;
  readonly now: number;
}

/** Throws AppError for what is not in the account. */
export async function createPostbackToken(
  context: OperationContext,
  input: CreatePostbackTokenInput,
): Promise<PostbackTokenRow> {
  const { campaignId, groupId, buyerId, name, callerWithinDays, now } = input;
  const { campaigns, buyers } = await readConfiguration(context);
  const campaign = campaigns.get(campaignId);
  if (campaign === undefined) throw new AppError('campaign_unknown', `there is no campaign ${campaignId}`);
  const group = campaign.conversionGroups.find(({ id }) => id === groupId);
  if (group === undefined || group.kind === 'duration') {
    throw new AppError('group_unknown', `campaign ${campaignId} has no group ${groupId} that postbacks decide`);
  }
  if (!buyers.has(buyerId)) throw new AppError('buyer_unknown', `there is no buyer ${buyerId}`);
  const row: PostbackTokenRow = {
    id: newUuid(now),
    campaign_id: campaignId,
    group_id: groupId,
    buyer_id: buyerId,
    name,
    caller_within_days: callerWithinDays,
    generation: 1,
    previous_until: 0,
    paused_at: null,
    created_at: now,
    changed_at: now,
  };
  await insertRow(context, 'postback_tokens', row);
  return row;
}

/** Pausing refuses every request; rotating makes a new token, the old one stays good for the grace time. */
export type PostbackTokenChange =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'rotate'; readonly graceMs: number };

/** Two bytes of the token. */
const LAST_GENERATION = 65_535;

/** Throws AppError if there is none. */
export async function changePostbackToken(
  context: OperationContext,
  { id, change, now }: { readonly id: string; readonly change: PostbackTokenChange; readonly now: number },
): Promise<PostbackTokenRow> {
  const row = await findPostbackToken(context, id);
  if (row === undefined) throw new AppError('postback_token_unknown', `there is no postback token ${id}`);
  const changes = { ...changesOf(row, change, now), changed_at: now };
  await context.db.updateTable('postback_tokens').set(changes).where('id', '=', id).execute();
  return { ...row, ...changes };
}

function changesOf(row: PostbackTokenRow, change: PostbackTokenChange, now: number): Partial<PostbackTokenRow> {
  if (change.kind === 'pause') return { paused_at: row.paused_at ?? now };
  if (change.kind === 'resume') return { paused_at: null };
  if (row.generation >= LAST_GENERATION) {
    throw new AppError('postback_token_worn_out', 'this token was rotated too often: create another one');
  }
  return { generation: row.generation + 1, previous_until: now + change.graceMs };
}

/** One of them, or undefined. */
export function getPostbackToken(
  context: OperationContext,
  { id }: { readonly id: string },
): Promise<PostbackTokenRow | undefined> {
  return findPostbackToken(context, id);
}

/** All there are, oldest first: one per group and partner, so they are few. */
export function listPostbackTokens({ db }: OperationContext): Promise<PostbackTokenRow[]> {
  return db.selectFrom('postback_tokens').selectAll().orderBy('id').execute();
}

/** True while requests with the token of this generation are taken. */
export function isGood(row: PostbackTokenRow | undefined, generation: number, now: number): row is PostbackTokenRow {
  if (row === undefined || row.paused_at !== null) return false;
  return generation === row.generation || (generation === row.generation - 1 && now < row.previous_until);
}
