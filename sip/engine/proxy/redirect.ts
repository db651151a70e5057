import { listOf } from '../message/header-list.ts';
import type { SipResponse } from '../message/message.ts';
import { type NameAddr, parseNameAddr } from '../message/name-addr.ts';

/** The URIs a redirect offers, those the peer prefers first (RFC 3261 §8.1.3.4, §16.5). */
export function contactsOf(redirect: SipResponse): string[] {
  return listOf(redirect.headers, 'Contact')
    .flatMap(readable)
    .filter(({ uri }) => /^sips?:/i.test(uri))
    .sort((a, b) => preference(b) - preference(a))
    .map(({ uri }) => uri);
}

function readable(value: string): NameAddr[] {
  try {
    return [parseNameAddr(value)];
  } catch {
    return [];
  }
}

function preference({ params }: NameAddr): number {
  const q = Number(params.get('q') ?? 1);
  return Number.isNaN(q) ? 0 : q;
}
