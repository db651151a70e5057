import { createHmac } from 'node:crypto';

export interface SignedContent {
  /** The event's id, the same in every try. */
  readonly id: string;
  readonly at: number;
  /** The body; for GET and HEAD the URL. */
  readonly content: string;
}

/** The secret one webhook's receiver checks with, derived from the installation's: nothing more to store or to lose. */
export function webhookSecret(installationSecret: string, webhookId: string): Buffer {
  return createHmac('sha256', installationSecret).update(`webhook:${webhookId}`).digest();
}

/** The secret as Standard Webhooks libraries take it. */
export function printableSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}

/** The three headers of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.content`, timestamp in seconds. */
export function signatureHeaders(secret: Buffer, { id, at, content }: SignedContent): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${content}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
