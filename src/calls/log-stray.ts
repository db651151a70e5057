import { newUuid } from '../domain/ids.ts';
import { insertRow } from '../store/insert-row.ts';
import { findPostbackToken } from '../store/postback-token-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { PostbackTokenRow } from '../store/tables.ts';
import type { PostbackInput } from './admit-postback.ts';
import { isGood } from './postback-tokens.ts';

/** A request to a partner's postback URL that came to no call, and what was answered. */
export interface Stray extends Pick<PostbackInput, 'method' | 'sourceAddress' | 'parameters' | 'now'> {
  readonly httpStatus: number;
  readonly reason: string;
}

export interface LogStrayInput extends Stray {
  readonly token: { readonly id: string; readonly generation: number };
}

/** Keeps with the campaign what could not be read or was not to be applied; nothing for a token that is no good (semantics §3, §5). */
export async function logStray(context: OperationContext, { token, ...stray }: LogStrayInput): Promise<void> {
  const row = await findPostbackToken(context, token.id);
  if (isGood(row, token.generation, stray.now)) await addStray(context, row, stray);
}

export async function addStray(context: OperationContext, token: PostbackTokenRow, stray: Stray): Promise<void> {
  await insertRow(context, 'stray_postbacks', {
    id: newUuid(stray.now),
    campaign_id: token.campaign_id,
    token_id: token.id,
    at: stray.now,
    method: stray.method,
    source_address: stray.sourceAddress,
    parameters_json: JSON.stringify(stray.parameters),
    http_status: stray.httpStatus,
    reason: stray.reason,
  });
}
