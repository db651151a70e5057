import { isIPv6 } from 'node:net';
import type { SipDestination } from './destination.ts';
import type { TagValues } from './tag-match.ts';
import { isTokenName, TOKEN_PATTERN, tokensIn } from './webhook-template.ts';
import { CALL_KEY_TOKEN } from './webhook-tokens.ts';

/** Values of the tokens in what is dialled: fixed names first, then the call's tags, joined by commas; else empty. */
export interface DialTokens {
  readonly fixed: Readonly<Record<string, string>>;
  readonly tags: TagValues;
}

/** Headers that SIP or this service sets (RFC 3261 §20 and its extensions). */
const RESERVED =
  /^(via|v|from|f|to|t|contact|m|call-id|i|cseq|max-forwards|route|record-route|content-.*|[ecl]|authorization|proxy-.*|www-authenticate|x-ph-.*|identity|y|p-asserted-identity|privacy|supported|k|require|allow|session-expires|x|min-se|rack|rseq|replaces|expires|path)$/i;

/** RFC 3261 §25.1: unreserved and user-unreserved. */
const NOT_USER_TEXT = /[^A-Za-z0-9\-_.!~*'()&=+$,/]+/g;

/** True for text that would end a header or hide in it. */
export function hasControlCharacter(text: string): boolean {
  return /[\x00-\x1f\x7f]/.test(text);
}

/** The URI with the tokens of its user part filled, each value encoded for that place; one pass. */
export function fillUri(uri: string, tokens: DialTokens): string {
  const at = uri.indexOf('@');
  return at === -1 ? uri : fill(uri.slice(0, at), tokens, userText) + uri.slice(at);
}

/** A header's value with its tokens filled, as it is: whoever sends it looks for control characters first. */
export function fillHeader(template: string, tokens: DialTokens): string {
  return fill(template, tokens, (value) => value);
}

function fill(template: string, { fixed, tags }: DialTokens, encode: (value: string) => string): string {
  return template.replace(TOKEN_PATTERN, (token, name: string) => {
    if (!isTokenName(name)) return token;
    return encode(Object.hasOwn(fixed, name) ? (fixed[name] ?? '') : [...(tags.get(name) ?? [])].join(','));
  });
}

function userText(value: string): string {
  return value.toWellFormed().replace(NOT_USER_TEXT, (text) => {
    return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  });
}

/** Why a destination's URI or headers cannot be used, each with the remedy; asked when it is saved. */
export function dialTemplateErrors({ uri, headers }: Pick<SipDestination, 'uri' | 'headers'>): string[] {
  const outsideUser = uri.slice(uri.indexOf('@') + 1);
  const errors = tokensIn(outsideUser).some((name) => !isIPv6(name))
    ? ['the address has a token outside its user part: put tokens before the "@"']
    : [];
  if ([uri, ...Object.values(headers)].some((text) => tokensIn(text).includes(CALL_KEY_TOKEN))) {
    errors.push('[call_key] has no place here: uuid and key have headers of their own');
  }
  for (const [name, value] of Object.entries(headers)) {
    if (RESERVED.test(name)) errors.push(`the header ${name} is set by the service or by SIP itself: remove it`);
    if (hasControlCharacter(value)) errors.push(`the header ${name} has a line break or control character in it`);
  }
  return errors;
}
