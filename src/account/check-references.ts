import type { Account, Route } from '../domain/account.ts';
import type { Destination } from '../domain/destination.ts';
import type { AccountProblem, Path } from './account-problem.ts';
import { overlappingHours } from './check-opening-hours.ts';

/** What a schema cannot see: ids used twice, references to things that are not there, hours that contradict each other. */
export function checkReferences(account: Account): AccountProblem[] {
  return [
    ...duplicates('carriers', account.carriers, 'id'),
    ...duplicates('gateways', account.gateways, 'id'),
    ...duplicates('publishers', account.publishers, 'id'),
    ...duplicates('buyers', account.buyers, 'id'),
    ...duplicates('campaigns', account.campaigns, 'id'),
    ...duplicates('numbers', account.numbers, 'number'),
    ...account.campaigns.flatMap((campaign, index) => [
      ...duplicates(['campaigns', index, 'conversion_groups'], campaign.conversionGroups, 'id'),
      ...campaign.routes.flatMap((route, position) =>
        missingBuyers(['campaigns', index, 'routes', position], route, account),
      ),
      ...missingGateway(['campaigns', index, 'last_resort'], campaign.lastResort, account),
    ]),
    ...repeatedWebhooks(account),
    ...account.buyers.flatMap((buyer, index) =>
      buyer.destinations.flatMap((destination, position) =>
        missingGateway(['buyers', index, 'destinations', position], destination, account),
      ),
    ),
    ...overlappingHours(account.buyers),
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

/** Over all campaigns: deliveries, secrets and alarms go by the id of the webhook alone. */
function repeatedWebhooks({ campaigns }: Account): AccountProblem[] {
  const firstIn = new Map<string, string>();
  return campaigns.flatMap(({ id: campaignId, webhooks }, at) =>
    webhooks.flatMap(({ id }, position) => {
      const first = firstIn.get(id);
      if (first === undefined) {
        firstIn.set(id, campaignId);
        return [];
      }
      const message = `"${id}" is a webhook of campaign "${first}" already: give this one another id`;
      return [{ path: ['campaigns', at, 'webhooks', position, 'id'], message }];
    }),
  );
}

function missingBuyers(path: Path, { buyerIds }: Route, { buyers }: Account): AccountProblem[] {
  const single = buyerIds.length === 1;
  return buyerIds.flatMap((id, index) =>
    missing(single ? [...path, 'buyer'] : [...path, 'buyers', index], 'buyer', id, buyers),
  );
}

function missingGateway(path: Path, destination: Destination | undefined, { gateways }: Account): AccountProblem[] {
  if (destination?.kind !== 'number') return [];
  return missing([...path, 'gateway'], 'gateway', destination.gatewayId, gateways);
}

function missing(path: Path, what: string, id: string | undefined, known: readonly { id: string }[]): AccountProblem[] {
  if (id === undefined || known.some((item) => item.id === id)) return [];
  const choices = known.map((item) => item.id).join(', ') || 'none';
  return [{ path, message: `there is no ${what} "${id}": add it, or write one of: ${choices}` }];
}
