import { newUuid } from '../domain/ids.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, PostbackEffect, PostbackRow } from '../store/tables.ts';
import type { PostbackInput } from './admit-postback.ts';
import type { PostbackAnswer, PostbackStatus } from './postback-answer.ts';

/** What is logged beside the request and its answer. */
export interface LoggedPostback {
  readonly kind: PostbackRow['kind'];
  /** As it is after the postback. */
  readonly call: CallRow;
  readonly waitsForEnd?: boolean;
}

const EFFECTS: Readonly<Record<PostbackStatus, PostbackEffect>> = {
  converted: 'money',
  corrected: 'money',
  unchanged: 'same',
  tagged: 'tags',
  recorded: 'none',
  duplicate: 'none',
  ignored: 'none',
  refused: 'none',
};

/** Keeps what arrived, what it came to and why: every postback with the right key is in the log (semantics §3). */
export async function logPostback(
  context: OperationContext,
  input: PostbackInput & { readonly rawText?: string },
  { httpStatus, body: { status, reason, revenue } }: PostbackAnswer,
  { kind, call, waitsForEnd = false }: LoggedPostback,
): Promise<void> {
  await insertRow(context, 'postbacks', {
    id: newUuid(input.now),
    call_uuid: input.uuid,
    at: input.now,
    kind,
    method: input.method,
    source_address: input.sourceAddress,
    parameters_json: JSON.stringify(input.parameters),
    raw_text: input.rawText ?? '',
    status,
    reason: reason ?? null,
    waits_for_end: waitsForEnd ? 1 : 0,
    campaign_id: call.campaign_id,
    effect: effectOf(status, { kind, waitsForEnd }),
    http_status: httpStatus,
    revenue_micros: revenue === undefined ? null : call.revenue_micros,
    payout_micros: revenue === undefined ? null : call.payout_micros,
    token_id: input.tokenId ?? null,
  });
}

/** Tags that were there already are tags all the same. */
function effectOf(
  status: PostbackStatus,
  { kind, waitsForEnd }: Pick<Required<LoggedPostback>, 'kind' | 'waitsForEnd'>,
): PostbackEffect {
  if (waitsForEnd) return 'waiting';
  return kind === 'add_tags' && status === 'unchanged' ? 'tags' : EFFECTS[status];
}
