import { findCall } from '../store/call-rows.ts';
import { findNewestCallOfCaller, findPostbackToken } from '../store/postback-token-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { PostbackTokenRow } from '../store/tables.ts';
import { type ApplyPostbackInput, applyPostback } from './apply-postback.ts';
import { addStray } from './log-stray.ts';
import { type PostbackAnswer, refused } from './postback-answer.ts';
import { isGood } from './postback-tokens.ts';

/** A `set_value` by a partner's postback URL; its token is one of ours, its call told by uuid and key or by caller. */
export interface ApplyTokenPostbackInput extends Omit<ApplyPostbackInput, 'uuid' | 'tokenId'> {
  readonly token: { readonly id: string; readonly generation: number };
  /** Its key was right. */
  readonly uuid?: string | undefined;
  /** E.164. */
  readonly callerNumber?: string | undefined;
}

const DAY_MS = 86_400_000;

/** Finds the partner's call and applies the postback to it; what fits no call is kept with the campaign (semantics §5). */
export async function applyTokenPostback(
  context: OperationContext,
  { token, callerNumber, uuid: told, ...input }: ApplyTokenPostbackInput,
): Promise<PostbackAnswer> {
  const row = await findPostbackToken(context, token.id);
  if (!isGood(row, token.generation, input.now)) return refused(told ?? '', 403, 'the token is paused or was rotated');
  const found =
    told === undefined ? await callOf(context, row, callerNumber, input.now) : await ownCall(context, row, told);
  if (typeof found === 'string') return applyPostback(context, { ...input, uuid: found, tokenId: row.id });
  await addStray(context, row, { ...input, ...found });
  return refused(told ?? '', found.httpStatus, found.reason);
}

interface Miss {
  readonly httpStatus: 403 | 404;
  readonly reason: string;
}

/** A uuid with the right key, but of another partner's call, is as wrong as a wrong key. */
async function ownCall(context: OperationContext, row: PostbackTokenRow, uuid: string): Promise<string | Miss> {
  const call = await findCall(context, uuid);
  if (call === undefined) return uuid;
  const isOwn = call.campaign_id === row.campaign_id && call.buyer_id === row.buyer_id;
  return isOwn ? uuid : { httpStatus: 403, reason: 'the call is not one of this partner in this campaign' };
}

async function callOf(
  context: OperationContext,
  row: PostbackTokenRow,
  callerNumber: string | undefined,
  now: number,
): Promise<string | Miss> {
  const { campaign_id: campaignId, buyer_id: buyerId, caller_within_days: days } = row;
  if (days === 0) return { httpStatus: 404, reason: 'this URL does not take caller_number: send call_uuid and key' };
  const since = now - days * DAY_MS;
  const caller = { campaignId, buyerId, callerNumber: callerNumber ?? '', since };
  const reason = `no call of this caller was answered in the last ${days} days`;
  return (await findNewestCallOfCaller(context, caller)) ?? { httpStatus: 404, reason };
}
