import type { WebhookMethod } from '../domain/account.ts';
import type { CallKeys } from '../domain/call-key.ts';
import { standardBody } from '../domain/webhook-body.ts';
import { hasBody, isJsonBody, renderWebhook } from '../domain/webhook-render.ts';
import type { ClaimedDelivery } from './claimed-delivery.ts';
import { goodSecrets, signatureHeaders } from './signature.ts';

export interface OutgoingRequest {
  readonly method: WebhookMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The call key in it, to be masked wherever the request or its answer is written down. */
  readonly secretText: string | undefined;
}

/** What a request is made of. */
export type RequestSource = Pick<
  ClaimedDelivery,
  'callUuid' | 'eventId' | 'keyVersion' | 'secret' | 'tokens' | 'trigger' | 'webhook'
>;

export interface RequestSecrets {
  readonly callKeys: Pick<CallKeys, 'derive'>;
  /** The installation's secret, from which each webhook's own is derived. */
  readonly signingSecret: string;
}

/**
 * Fills in a claimed delivery, call key included where the webhook is trusted, and signs it for this try (semantics §8).
 * Throws where that makes no request: a key whose secret is gone, a URL that is none, a body that is not the JSON it says.
 */
export function prepareRequest(delivery: RequestSource, secrets: RequestSecrets, now: number): OutgoingRequest {
  const { webhook, tokens, trigger } = delivery;
  const callKey = webhook.trusted ? secrets.callKeys.derive(delivery.callUuid, delivery.keyVersion) : undefined;
  const rendered = renderWebhook(webhook, { snapshot: tokens, callKey });
  const url = new URL(rendered.url);
  url.hash = '';
  if (rendered.body !== undefined && isJsonBody(webhook)) checkJson(rendered.body);
  const body = hasBody(webhook) ? (rendered.body ?? standardBody(trigger, tokens)) : undefined;
  const signed = signatureHeaders(goodSecrets(secrets.signingSecret, webhook.id, delivery.secret, now), {
    id: delivery.eventId,
    at: now,
    content: body ?? url.href,
  });
  const headers = { ...defaultHeaders(body), ...lowerCased(rendered.headers), ...signed };
  return { method: webhook.method, url, headers, body, secretText: callKey };
}

/** The parser's own message would quote the body, which may hold the call key. */
function checkJson(body: string): void {
  try {
    JSON.parse(body);
  } catch {
    throw new Error(
      'the body template is no JSON with these values: put quotes around its tokens, or set a Content-Type',
    );
  }
}

function defaultHeaders(body: string | undefined): Record<string, string> {
  return {
    'user-agent': 'sip-postback-bridge',
    accept: '*/*',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
