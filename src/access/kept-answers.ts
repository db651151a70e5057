import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';

/** A request that wants to be carried out once only. */
export interface OnceInput {
  readonly actor: string;
  readonly key: string;
  /** Of method, path and body: a key belongs to one request. */
  readonly requestHash: string;
  readonly now: number;
}

/** What is to be done with it. */
export type Once =
  | { readonly kind: 'first' }
  | { readonly kind: 'other_request' }
  /** The first one is under way, or died with the service: nobody knows what came of it. */
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'again'; readonly httpStatus: number; readonly bodyJson: string };

const KEPT_MS = 24 * 3_600_000;
const MOST_FORGOTTEN = 100;

/** Takes the key for this request, unless it was taken in the last 24 hours. */
export async function takeIdempotencyKey(context: OperationContext, input: OnceInput): Promise<Once> {
  const { actor, key, requestHash, now } = input;
  await forgetOld(context, now);
  const known = await context.db
    .selectFrom('kept_answers')
    .selectAll()
    .where('actor', '=', actor)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  if (known === undefined) {
    const row = { actor, idempotency_key: key, request_hash: requestHash, at: now };
    await insertRow(context, 'kept_answers', { ...row, http_status: null, body_json: null });
    return { kind: 'first' };
  }
  if (known.request_hash !== requestHash) return { kind: 'other_request' };
  if (known.http_status === null) return { kind: 'unanswered' };
  return { kind: 'again', httpStatus: known.http_status, bodyJson: known.body_json ?? '{}' };
}

/** Keeps the answer; without one (nothing was done) the key is free again. */
export async function keepAnswer(
  { db }: OperationContext,
  { actor, key, answer }: { actor: string; key: string; answer: { httpStatus: number; bodyJson: string } | undefined },
): Promise<void> {
  if (answer === undefined) {
    await db.deleteFrom('kept_answers').where('actor', '=', actor).where('idempotency_key', '=', key).execute();
    return;
  }
  await db
    .updateTable('kept_answers')
    .set({ http_status: answer.httpStatus, body_json: answer.bodyJson })
    .where('actor', '=', actor)
    .where('idempotency_key', '=', key)
    .execute();
}

async function forgetOld({ db }: OperationContext, now: number): Promise<void> {
  const old = db
    .selectFrom('kept_answers')
    .select(['actor', 'idempotency_key'])
    .where('at', '<', now - KEPT_MS);
  const rows = await old.limit(MOST_FORGOTTEN).execute();
  for (const { actor, idempotency_key } of rows) {
    await db
      .deleteFrom('kept_answers')
      .where('actor', '=', actor)
      .where('idempotency_key', '=', idempotency_key)
      .execute();
  }
}
