import type { Account } from '../domain/account.ts';

/** Something wrong at a path of the account file, with the remedy in the message. */
export interface AccountProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What a schema cannot see: ids used twice, and references to things that are not there. */
export function checkReferences(account: Account): AccountProblem[] {
  return [
    ...duplicates('carriers', account.carriers, 'id'),
    ...duplicates('publishers', account.publishers, 'id'),
    ...duplicates('buyers', account.buyers, 'id'),
    ...duplicates('campaigns', account.campaigns, 'id'),
    ...duplicates('numbers', account.numbers, 'number'),
    ...account.campaigns.flatMap((campaign, index) => [
      ...duplicates(['campaigns', index, 'conversion_groups'], campaign.conversionGroups, 'id'),
      ...duplicates(['campaigns', index, 'webhooks'], campaign.webhooks, 'id'),
      ...campaign.routes.flatMap((route, position) =>
        missing(['campaigns', index, 'routes', position, 'buyer'], 'buyer', route.buyerId, account.buyers),
      ),
    ]),
    ...account.numbers.flatMap((number, index) => [
      ...missing(['numbers', index, 'campaign'], 'campaign', number.campaignId, account.campaigns),
      ...missing(['numbers', index, 'publisher'], 'publisher', number.publisherId, account.publishers),
    ]),
  ];
}

function duplicates<Key extends string>(
  list: string | readonly (string | number)[],
  items: readonly Record<Key, string>[],
  key: Key,
): AccountProblem[] {
  const path = [list].flat();
  const firstAt = new Map<string, number>();
  return items.flatMap((item, index) => {
    const first = firstAt.get(item[key]);
    if (first === undefined) {
      firstAt.set(item[key], index);
      return [];
    }
    const message = `"${item[key]}" stands already at position ${first + 1} of ${path.at(-1)}: give this one another ${key}`;
    return [{ path: [...path, index, key], message }];
  });
}

function missing(
  path: readonly (string | number)[],
  what: string,
  id: string | undefined,
  known: readonly { id: string }[],
): AccountProblem[] {
  if (id === undefined || known.some((item) => item.id === id)) return [];
  const choices = known.map((item) => item.id).join(', ') || 'none';
  return [{ path, message: `there is no ${what} "${id}": add it, or write one of: ${choices}` }];
}
