import type { Account, Campaign, DialedNumber, Publisher } from '../domain/account.ts';
import { BlockTable } from '../domain/block-table.ts';
import type { Buyer } from '../domain/buyer.ts';
import type { Carrier, CarrierLogin } from '../domain/carrier.ts';
import type { Gateway } from '../domain/destination.ts';
import { parseBlock } from '../domain/network-block.ts';

export type CarrierWithLogin = Carrier & { readonly login: CarrierLogin };

/** Answers in memory what every INVITE asks of the account. Built once for each account. */
export class AccountDirectory {
  readonly #carriers = new BlockTable<Carrier>();
  readonly #numbers: ReadonlyMap<string, DialedNumber>;
  readonly #campaigns: ReadonlyMap<string, Campaign>;
  readonly #publishers: ReadonlyMap<string, Publisher>;
  /** Carriers that are told by their login alone and may call from anywhere. */
  readonly roamingCarriers: readonly CarrierWithLogin[];
  readonly buyers: ReadonlyMap<string, Buyer>;
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly sharedCallerNumbers: ReadonlySet<string>;

  constructor(account: Account) {
    for (const carrier of account.carriers) {
      for (const address of carrier.addresses) this.#carriers.add(parseBlock(address), carrier);
    }
    this.roamingCarriers = account.carriers.filter(hasLogin).filter(({ addresses }) => addresses.length === 0);
    this.#numbers = new Map(account.numbers.map((number) => [number.number, number]));
    this.#campaigns = byId(account.campaigns);
    this.#publishers = byId(account.publishers);
    this.buyers = byId(account.buyers);
    this.gateways = byId(account.gateways);
    this.sharedCallerNumbers = new Set(account.sharedCallerNumbers);
  }

  /** The carriers of the most specific block this address is in: several only if they are told apart otherwise. */
  carriersAt(address: string): readonly Carrier[] {
    return this.#carriers.find(address);
  }

  number(e164: string): DialedNumber | undefined {
    return this.#numbers.get(e164);
  }

  campaign(id: string): Campaign | undefined {
    return this.#campaigns.get(id);
  }

  publisher(id: string | undefined): Publisher | undefined {
    return id === undefined ? undefined : this.#publishers.get(id);
  }
}

export function hasLogin(carrier: Carrier): carrier is CarrierWithLogin {
  return carrier.login !== undefined;
}

function byId<Item extends { id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}
