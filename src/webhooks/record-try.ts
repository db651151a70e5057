import type { OperationContext } from '../store/store.ts';

export interface RecordTryInput {
  readonly deliveryId: string;
  readonly owner: string;
  readonly at: number;
  readonly elapsedMs: number;
  readonly httpStatus?: number | undefined;
  readonly error?: string | undefined;
  /** First bytes of the answer. */
  readonly answer?: string | undefined;
  readonly next:
    | { readonly state: 'delivered' }
    /** `gone`: whatever else waits for this webhook is dead too (410). */
    | { readonly state: 'dead'; readonly gone?: boolean | undefined }
    | { readonly state: 'due'; readonly dueAt: number };
  readonly now: number;
}

/** Keeps one try and what follows from it. Without the lease the try is kept but only a success counts. */
export async function recordTry(context: OperationContext, input: RecordTryInput): Promise<{ counted: boolean }> {
  const delivery = await context.db
    .updateTable('deliveries')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('id', '=', input.deliveryId)
    .returning(['tries', 'state', 'lease_owner', 'webhook_id'])
    .executeTakeFirst();
  if (delivery === undefined) return { counted: false };
  await insertTry(context, input, delivery.tries);
  const counted =
    delivery.state === 'due' && (delivery.lease_owner === input.owner || input.next.state === 'delivered');
  if (!counted) return { counted };
  await moveOn(context, input);
  if (input.next.state === 'dead' && input.next.gone === true) {
    await abandonWebhook(context, delivery.webhook_id, input.now);
  }
  return { counted };
}

async function insertTry({ db }: OperationContext, input: RecordTryInput, tryNumber: number): Promise<void> {
  await db
    .insertInto('delivery_tries')
    .values({
      delivery_id: input.deliveryId,
      try_number: tryNumber,
      at: input.at,
      elapsed_ms: Math.round(input.elapsedMs),
      http_status: input.httpStatus ?? null,
      error: input.error ?? null,
      answer: input.answer ?? null,
    })
    .execute();
}

async function moveOn({ db }: OperationContext, { deliveryId, next, now }: RecordTryInput): Promise<void> {
  const change =
    next.state === 'due' ? { state: next.state, due_at: next.dueAt } : { state: next.state, finished_at: now };
  await db
    .updateTable('deliveries')
    .set({ ...change, lease_owner: null })
    .where('id', '=', deliveryId)
    .execute();
}

async function abandonWebhook({ db }: OperationContext, webhookId: string, now: number): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ state: 'dead', finished_at: now, lease_owner: null })
    .where('webhook_id', '=', webhookId)
    .where('state', '=', 'due')
    .execute();
}
