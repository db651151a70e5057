import type { Webhook } from './account.ts';
import { isTokenName, originOf, TOKEN_PATTERN } from './webhook-template.ts';
import { type TokenSnapshot, tokenValue } from './webhook-tokens.ts';

export interface TokenFiller {
  readonly snapshot: TokenSnapshot;
  /** Only given for trusted webhooks. */
  readonly callKey?: string | undefined;
}

export interface RenderedWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where the webhook has no template of its own, or its method carries no body. */
  readonly body: string | undefined;
}

/** Fills the tokens of a webhook in one pass: what a value contains is never expanded again (semantics §8). */
export function renderWebhook(webhook: Webhook, filler: TokenFiller): RenderedWebhook {
  const headers = Object.entries(webhook.headers).map(([name, value]) => [name, fill(value, filler, headerText)]);
  return {
    url: renderUrl(webhook.url, filler),
    headers: Object.fromEntries(headers),
    body: hasBody(webhook) && webhook.body !== undefined ? fill(webhook.body, filler, bodyEncoder(webhook)) : undefined,
  };
}

export function hasBody(webhook: Pick<Webhook, 'method'>): boolean {
  return webhook.method === 'POST' || webhook.method === 'PUT';
}

function renderUrl(template: string, filler: TokenFiller): string {
  const origin = originOf(template);
  return origin + fill(template.slice(origin.length), filler, urlText);
}

function fill(template: string, { snapshot, callKey }: TokenFiller, encode: (value: string) => string): string {
  return template.replace(TOKEN_PATTERN, (token, name: string) => {
    return isTokenName(name) ? encode(tokenValue(name, snapshot, callKey)) : token;
  });
}

/** What its receiver takes the body for: JSON where the webhook does not say otherwise. */
export function isJsonBody(webhook: Webhook): boolean {
  return contentTypeOf(webhook).includes('json');
}

function contentTypeOf({ headers }: Webhook): string {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  return header?.[1].toLowerCase() ?? 'application/json';
}

function bodyEncoder(webhook: Webhook): (value: string) => string {
  const contentType = contentTypeOf(webhook);
  if (isJsonBody(webhook)) return jsonText;
  if (contentType.includes('x-www-form-urlencoded')) return urlText;
  return contentType.includes('xml') || contentType.includes('html') ? xmlText : (value) => value;
}

function urlText(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function jsonText(value: string): string {
  return JSON.stringify(value.toWellFormed()).slice(1, -1);
}

function xmlText(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Control characters would end the header (RFC 9110 §5.5); what is not ASCII is percent-encoded. */
function headerText(value: string): string {
  return value.replace(/[\x00-\x1f\x7f]/g, '').replace(/[^\x20-\x7e]+/g, urlText);
}
