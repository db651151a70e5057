import type { Webhook } from './account.ts';
import { CALL_KEY_TOKEN, isFixedToken } from './webhook-tokens.ts';

/** `[name]`, never `[1]` or `["a"]`, which are JSON. */
export const TOKEN_PATTERN = /\[([\p{L}_][\p{L}\p{N}_.:-]{0,63})\]/gu;
const JSON_WORDS = new Set(['true', 'false', 'null']);

/** Scheme, host and port; a backslash counts as a slash in http URLs (WHATWG URL §4.4). */
const ORIGIN = /^[^/?#\\]*:\/\/[^/?#\\]*/;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const OUR_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer']);

type Templates = Pick<Webhook, 'url' | 'headers' | 'trusted'> & { readonly body?: string | undefined };

export interface TemplateFindings {
  /** Reasons to refuse the webhook, for a person to read. */
  readonly errors: readonly string[];
  /** Tokens that are no fixed name: filled with the tag of that name, else empty. */
  readonly unknownTokens: readonly string[];
}

/** `[true]`, `[false]` and `[null]` are JSON arrays, not tokens. */
export function isTokenName(name: string): boolean {
  return !JSON_WORDS.has(name);
}

/** Names of the tokens in a template, in order, repeated ones too. */
export function tokensIn(template: string): string[] {
  return [...template.matchAll(TOKEN_PATTERN)].map((match) => match[1] ?? '').filter(isTokenName);
}

/** Scheme, host and port of a URL template as they are written. */
export function originOf(template: string): string {
  return ORIGIN.exec(template)?.[0] ?? '';
}

/** What is wrong or doubtful about a webhook's templates (semantics §8); asked when it is saved. */
export function validateWebhookTemplate(webhook: Templates): TemplateFindings {
  const templates = [webhook.url, webhook.body ?? '', ...Object.values(webhook.headers)];
  const names = new Set(templates.flatMap(tokensIn));
  const errors = [...urlErrors(webhook.url), ...headerErrors(webhook.headers)];
  if (names.has(CALL_KEY_TOKEN) && !webhook.trusted) {
    errors.push('[call_key] is only for a trusted webhook: it lets its holder change the money of the call');
  }
  return { errors, unknownTokens: [...names].filter((name) => name !== CALL_KEY_TOKEN && !isFixedToken(name)) };
}

function urlErrors(template: string): string[] {
  const origin = originOf(template);
  if (tokensIn(origin).length > 0) return ['the URL has a token in scheme, host or port: put tokens after them'];
  if (/[\s\x00-\x1f\x7f\\]/.test(template)) return ['the URL has a blank, a control character or a backslash in it'];
  if (!/^https?:\/\/[^/]/i.test(origin) || !URL.canParse(origin)) {
    return ['write a URL that starts with https:// (or http://) and a host name'];
  }
  return origin.includes('@') ? ['the URL has a user name or password in it: use an Authorization header'] : [];
}

function headerErrors(headers: Webhook['headers']): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!HEADER_NAME.test(name)) return [`"${name}" is not a header name`];
    if (OUR_HEADERS.has(name.toLowerCase()) || name.toLowerCase().startsWith('webhook-')) {
      return [`the header ${name} is set by the service: remove it`];
    }
    return /[\r\n\0]/.test(value) ? [`the header ${name} has a line break in it`] : [];
  });
}
