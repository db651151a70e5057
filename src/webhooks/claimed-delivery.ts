import type { Webhook } from '../domain/account.ts';
import type { TokenSnapshot } from '../domain/webhook-tokens.ts';
import type { DeliveryRow, WebhookStateRow } from '../store/tables.ts';
import type { SecretGeneration } from './signature.ts';

/** A delivery somebody holds the lease of and is about to send. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly callUuid: string;
  readonly keyVersion: number;
  readonly trigger: string;
  readonly webhook: Webhook;
  readonly tokens: TokenSnapshot;
  /** Tries made before this one. */
  readonly tries: number;
  readonly leaseEndsAt: number;
  readonly secret: SecretGeneration;
}

/** What is sent for a row, with the secret its webhook has now. */
export function claimedDelivery(row: DeliveryRow, state: WebhookStateRow | undefined): ClaimedDelivery {
  return {
    id: row.id,
    eventId: row.event_id,
    callUuid: row.call_uuid,
    keyVersion: row.key_version,
    trigger: row.trigger,
    webhook: JSON.parse(row.webhook_json),
    tokens: JSON.parse(row.tokens_json),
    tries: row.tries,
    leaseEndsAt: row.due_at,
    secret: { generation: state?.secret_generation ?? 1, previousUntil: state?.previous_secret_until ?? 0 },
  };
}
