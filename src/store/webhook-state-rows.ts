import { listStatement } from './list-statement.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { WebhookStateRow } from './tables.ts';

const byIds = listStatement<object>()((db, ids) =>
  db.selectFrom('webhook_states').selectAll().where('webhook_id', 'in', ids),
);

/** Of a webhook that has no row yet: nothing has happened to it. */
export function untouchedWebhook(webhookId: string): WebhookStateRow {
  return {
    webhook_id: webhookId,
    failing_since: null,
    off_at: null,
    off_reason: null,
    secret_generation: 1,
    previous_secret_until: 0,
  };
}

/** How these webhooks are, by id; those nothing has happened to yet included. */
export async function webhookStates(
  context: OperationContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, WebhookStateRow>> {
  const states = new Map(ids.map((id) => [id, untouchedWebhook(id)]));
  for (const row of ids.length === 0 ? [] : await byIds.all(context, ids, {})) states.set(row.webhook_id, row);
  return states;
}

const put = statement<WebhookStateRow>()((db, value) =>
  db
    .insertInto('webhook_states')
    .values({
      webhook_id: value.webhook_id,
      failing_since: value.failing_since,
      off_at: value.off_at,
      off_reason: value.off_reason,
      secret_generation: value.secret_generation,
      previous_secret_until: value.previous_secret_until,
    })
    .onConflict((conflict) =>
      conflict.column('webhook_id').doUpdateSet((eb) => ({
        failing_since: eb.ref('excluded.failing_since'),
        off_at: eb.ref('excluded.off_at'),
        off_reason: eb.ref('excluded.off_reason'),
        secret_generation: eb.ref('excluded.secret_generation'),
        previous_secret_until: eb.ref('excluded.previous_secret_until'),
      })),
    ),
);

export async function putWebhookState(context: OperationContext, row: WebhookStateRow): Promise<void> {
  await put.run(context, row);
}
