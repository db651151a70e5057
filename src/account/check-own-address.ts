import type { Account } from '../domain/account.ts';
import type { Destination } from '../domain/destination.ts';
import { leadsToUs, type OwnAddress } from '../domain/own-address.ts';
import type { AccountProblem, Path } from './account-problem.ts';

/** Destinations and gateways that are ourselves: each call to them would come back as a new one, without end. */
export function checkOwnAddress(account: Account, own: OwnAddress): AccountProblem[] {
  const ifOurs = (path: Path, uri: string | undefined): AccountProblem[] => {
    if (uri === undefined || !leadsToUs(uri, own)) return [];
    return [{ path, message: `${uri} is the address of this service itself: write where the buyer is reached` }];
  };
  return [
    ...account.gateways.flatMap((gateway, index) => ifOurs(['gateways', index, 'uri'], gateway.uri)),
    ...account.buyers.flatMap((buyer, index) =>
      buyer.destinations.flatMap((destination, position) =>
        ifOurs(['buyers', index, 'destinations', position], sipUriOf(destination)),
      ),
    ),
    ...account.campaigns.flatMap((campaign, index) =>
      ifOurs(['campaigns', index, 'last_resort'], sipUriOf(campaign.lastResort)),
    ),
  ];
}

function sipUriOf(destination: Destination | undefined): string | undefined {
  return destination?.kind === 'sip' ? destination.uri : undefined;
}
