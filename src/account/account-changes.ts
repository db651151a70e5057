import type { Account } from '../domain/account.ts';

export interface KindChanges {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

const KINDS = ['carriers', 'gateways', 'publishers', 'buyers', 'campaigns', 'numbers'] as const;

/** What differs between two accounts, counted by kind; kinds without a difference are left out. For the log. */
export function accountChanges(before: Account, after: Account): Record<string, KindChanges> {
  const counted = KINDS.map((kind) => [kind, changesOf(textsOf(before[kind]), textsOf(after[kind]))] as const);
  return Object.fromEntries(counted.filter(([, { added, changed, removed }]) => added + changed + removed > 0));
}

type Texts = ReadonlyMap<string, string>;

function textsOf(items: readonly ({ readonly id: string } | { readonly number: string })[]): Texts {
  return new Map(items.map((item) => ['id' in item ? item.id : item.number, JSON.stringify(item)]));
}

function changesOf(before: Texts, after: Texts): KindChanges {
  const kept = [...after].filter(([key]) => before.has(key));
  return {
    added: after.size - kept.length,
    changed: kept.filter(([key, text]) => before.get(key) !== text).length,
    removed: before.size - kept.length,
  };
}
