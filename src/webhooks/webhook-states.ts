import type { OperationContext } from '../store/store.ts';
import type { WebhookStateRow } from '../store/tables.ts';
import { putWebhookState, untouchedWebhook, webhookStates } from '../store/webhook-state-rows.ts';

/** How these webhooks are, in the order asked. */
export async function listWebhookStates(
  context: OperationContext,
  { ids }: { readonly ids: readonly string[] },
): Promise<WebhookStateRow[]> {
  const states = await webhookStates(context, ids);
  return ids.map((id) => states.get(id) ?? untouchedWebhook(id));
}

/** Somebody has looked at the endpoint: events are delivered again; what was given up meanwhile is to be replayed. */
export async function switchOnWebhook(
  context: OperationContext,
  { webhookId }: { readonly webhookId: string },
): Promise<WebhookStateRow> {
  const state = await stateOf(context, webhookId);
  const on = { ...state, failing_since: null, off_at: null, off_reason: null };
  await putWebhookState(context, on);
  return on;
}

export interface RotateWebhookSecretInput {
  readonly webhookId: string;
  /** How long the secret of now is good as well. */
  readonly keepMs: number;
  readonly now: number;
}

/** A new secret; until the receiver has changed over, requests are signed with both (Standard Webhooks). */
export async function rotateWebhookSecret(
  context: OperationContext,
  { webhookId, keepMs, now }: RotateWebhookSecretInput,
): Promise<WebhookStateRow> {
  const state = await stateOf(context, webhookId);
  const rotated = { ...state, secret_generation: state.secret_generation + 1, previous_secret_until: now + keepMs };
  await putWebhookState(context, rotated);
  return rotated;
}

async function stateOf(context: OperationContext, webhookId: string): Promise<WebhookStateRow> {
  return (await webhookStates(context, [webhookId])).get(webhookId) ?? untouchedWebhook(webhookId);
}
