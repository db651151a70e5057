import { newUuid } from '../domain/ids.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { PostbackRow } from '../store/tables.ts';
import type { PostbackInput } from './admit-postback.ts';
import type { PostbackAnswer } from './postback-answer.ts';

/** Keeps what arrived, what it came to and why: every postback with the right key is in the log (semantics §3). */
export async function logPostback(
  context: OperationContext,
  input: PostbackInput & { readonly rawText?: string },
  { body: { status, reason } }: PostbackAnswer,
  { kind, waitsForEnd = false }: { readonly kind: PostbackRow['kind']; readonly waitsForEnd?: boolean },
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
  });
}
