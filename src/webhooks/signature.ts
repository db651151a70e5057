import { createHmac } from 'node:crypto';

export interface SignedContent {
  /** The event's id, the same in every try. */
  readonly id: string;
  readonly at: number;
  /** The body; for GET and HEAD the URL. */
  readonly content: string;
}

/** Which of a webhook's secrets, and until when the one before is good as well. */
export interface SecretGeneration {
  readonly generation: number;
  /** Epoch ms. */
  readonly previousUntil: number;
}

/**
 * The secret one webhook's receiver checks with, derived from the installation's: nothing more to store or to lose.
 * `generation` counts its rotations from 1.
 */
export function webhookSecret(installationSecret: string, webhookId: string, generation = 1): Buffer {
  const name = generation === 1 ? `webhook:${webhookId}` : `webhook:${webhookId}:${generation}`;
  return createHmac('sha256', installationSecret).update(name).digest();
}

/** The secrets that are good at an instant, the newest first: while the receiver changes over there are two. */
export function goodSecrets(
  installationSecret: string,
  webhookId: string,
  { generation, previousUntil }: SecretGeneration,
  at: number,
): Buffer[] {
  const generations = generation > 1 && at < previousUntil ? [generation, generation - 1] : [generation];
  return generations.map((each) => webhookSecret(installationSecret, webhookId, each));
}

/** The secret as Standard Webhooks libraries take it. */
export function printableSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}

/** The three headers of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.content`, timestamp in seconds; one signature for each secret. */
export function signatureHeaders(
  secrets: readonly Buffer[],
  { id, at, content }: SignedContent,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const sign = (secret: Buffer) =>
    createHmac('sha256', secret).update(`${id}.${timestamp}.${content}`).digest('base64');
  const signatures = secrets.map((secret) => `v1,${sign(secret)}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
