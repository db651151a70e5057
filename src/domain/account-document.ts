import { isDeepStrictEqual } from 'node:util';

/** One carrier, buyer … as an operator wrote it. */
export type WrittenEntity = Readonly<Record<string, unknown>>;

/** The lists of an account, by the name they have in an account file. */
export const ENTITY_LISTS = ['carriers', 'gateways', 'publishers', 'buyers', 'campaigns', 'numbers'] as const;
export type EntityList = (typeof ENTITY_LISTS)[number];

/** An account as an account file has it, plain data; valid only if the schema says so. */
export type AccountDocument = { readonly [Name in EntityList]?: readonly WrittenEntity[] } & {
  readonly currency?: string;
  readonly time_zone?: string;
  readonly shared_caller_numbers?: readonly string[];
};

/** What one thing of an account was and is; undefined where it was not or is no longer. `account` is what is in no list. */
export interface AccountDifference {
  readonly list: EntityList | 'account';
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The name an entity goes by. */
export function idOfEntity(list: EntityList, entity: WrittenEntity): string {
  return String(entity[list === 'numbers' ? 'number' : 'id']);
}

/** What is in no list, with what stands for a setting that is left out. */
export function settingsOf({ currency, time_zone, shared_caller_numbers }: AccountDocument) {
  return {
    currency: currency ?? 'USD',
    time_zone: time_zone ?? 'UTC',
    shared_caller_numbers: shared_caller_numbers ?? [],
  };
}

/** What has to be done to come from one account to another, in the order of an account file. */
export function accountDifferences(before: AccountDocument, after: AccountDocument): AccountDifference[] {
  const [old, now] = [settingsOf(before), settingsOf(after)];
  const settings = isDeepStrictEqual(old, now)
    ? []
    : [{ list: 'account', id: 'account', before: old, after: now } as const];
  return [...settings, ...ENTITY_LISTS.flatMap((list) => listDifferences(list, before[list] ?? [], after[list] ?? []))];
}

function listDifferences(
  list: EntityList,
  before: readonly WrittenEntity[],
  after: readonly WrittenEntity[],
): AccountDifference[] {
  const old = new Map(before.map((entity) => [idOfEntity(list, entity), entity]));
  const now = new Map(after.map((entity) => [idOfEntity(list, entity), entity]));
  const ids = [...now.keys(), ...[...old.keys()].filter((id) => !now.has(id))];
  return ids
    .map((id) => ({ list, id, before: old.get(id), after: now.get(id) }))
    .filter((each) => !isDeepStrictEqual(each.before, each.after));
}
