import type { Parameter } from './posted-data.ts';
import { CALL_KEY_TOKEN, isFixedToken } from './webhook-tokens.ts';

/** Limits on what a buyer may hang on a call (semantics §5). */
export const LONGEST_TAG_NAME = 64;
export const LONGEST_TAG_VALUE = 255;
export const MOST_TAGS = 100;

/** One pair that may be hung on a call. */
export interface CallTag {
  readonly name: string;
  readonly value: string;
}

/** What is in an `add_tags` request. */
export interface ReadTags {
  /** Each pair once, in the order given. */
  readonly tags: readonly CallTag[];
  /** Names of parameters that cannot be tags. */
  readonly ignored: readonly string[];
}

/** The tags among the parameters of an `add_tags` request. */
export function readCallTags(parameters: readonly Parameter[]): ReadTags {
  const tags = new Map<string, CallTag>();
  const ignored = new Set<string>();
  for (const [name, value] of parameters) {
    if (isAllowedName(name) && isAllowedValue(value)) tags.set(`${name}:${value}`, { name, value });
    else ignored.add(name);
  }
  return { tags: [...tags.values()], ignored: [...ignored] };
}

/** `system_…`, names of webhook tokens and `endpoint` are ours: a buyer could move itself into another group. */
function isAllowedName(name: string): boolean {
  if (name === '' || name.length > LONGEST_TAG_NAME || /[\s\p{Cc}]/u.test(name)) return false;
  return !/^system_/i.test(name) && name !== 'endpoint' && name !== CALL_KEY_TOKEN && !isFixedToken(name);
}

function isAllowedValue(value: string): boolean {
  return value !== '' && value.length <= LONGEST_TAG_VALUE && !value.includes('\0');
}
