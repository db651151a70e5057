import type { Account } from '../domain/account.ts';
import type { Carrier } from '../domain/carrier.ts';
import { blockKey, parseBlock } from '../domain/network-block.ts';
import type { AccountProblem } from './account-problem.ts';

/** Carriers nobody could tell apart: the same login twice, or the same addresses without anything else to go by. */
export function checkCarriers({ carriers }: Account): AccountProblem[] {
  return [...sharedLogins(carriers), ...sharedAddresses(carriers)];
}

function sharedLogins(carriers: readonly Carrier[]): AccountProblem[] {
  const owners = new Map<string, Carrier>();
  return carriers.flatMap((carrier, index) => {
    const { username } = carrier.login ?? {};
    if (username === undefined) return [];
    const owner = owners.get(username);
    if (owner === undefined) owners.set(username, carrier);
    const message = `is the user name of carrier "${owner?.id}" too: give each carrier its own`;
    return owner === undefined ? [] : [{ path: ['carriers', index, 'login', 'username'], message }];
  });
}

function sharedAddresses(carriers: readonly Carrier[]): AccountProblem[] {
  const owners = new Map<string, Carrier[]>();
  return carriers.flatMap((carrier, index) =>
    carrier.addresses.flatMap((address, position) => {
      const key = blockKey(parseBlock(address));
      const others = owners.get(key) ?? [];
      owners.set(key, [...others, carrier]);
      const other = others.find((each) => !areToldApart(each, carrier));
      if (other === undefined) return [];
      const remedy =
        other.id === carrier.id
          ? 'stands in this list already: remove one'
          : `is an address of carrier "${other.id}" too: remove one of them, or give both a login or different transports`;
      return [{ path: ['carriers', index, 'addresses', position], message: `${address} ${remedy}` }];
    }),
  );
}

function areToldApart(one: Carrier, other: Carrier): boolean {
  if (one.id === other.id) return false;
  if (!one.transports.some((transport) => other.transports.includes(transport))) return true;
  return one.login !== undefined && other.login !== undefined;
}
