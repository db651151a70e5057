import { listOf } from '../../message/header-list.ts';
import type { Headers } from '../../message/headers.ts';

/** True when the list header names the option tag; tags are compared letter case aside (RFC 3261 §7.3.1, §19.2). */
export function hasOptionTag(headers: Headers, name: 'Require' | 'Supported', tag: string): boolean {
  return listOf(headers, name).some((each) => each.toLowerCase() === tag);
}

export function addOptionTag(headers: Headers, name: 'Require' | 'Supported', tag: string): void {
  if (!hasOptionTag(headers, name, tag)) headers.append(name, tag);
}

/** Takes the tag out, and the header when nothing else is in it. */
export function removeOptionTag(headers: Headers, name: 'Require' | 'Supported', tag: string): void {
  const rest = listOf(headers, name).filter((each) => each.toLowerCase() !== tag);
  headers.remove(name);
  if (rest.length > 0) headers.append(name, rest.join(', '));
}
