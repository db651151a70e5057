import ipaddr from 'ipaddr.js';
import type { Account, Campaign, DialedNumber, Publisher } from '../domain/account.ts';
import type { Buyer } from '../domain/buyer.ts';
import type { Carrier } from '../domain/carrier.ts';
import type { Gateway } from '../domain/destination.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Answers in memory what every INVITE asks of the account. Built once for each account. */
export class AccountDirectory {
  readonly #carriersByAddress = new Map<string, Carrier>();
  readonly #carrierBlocks: { block: [Address, number]; carrier: Carrier }[] = [];
  readonly #numbers: ReadonlyMap<string, DialedNumber>;
  readonly #campaigns: ReadonlyMap<string, Campaign>;
  readonly #publishers: ReadonlyMap<string, Publisher>;
  readonly buyers: ReadonlyMap<string, Buyer>;
  readonly gateways: ReadonlyMap<string, Gateway>;

  constructor(account: Account) {
    for (const carrier of account.carriers) this.#addCarrier(carrier);
    this.#numbers = new Map(account.numbers.map((number) => [number.number, number]));
    this.#campaigns = byId(account.campaigns);
    this.#publishers = byId(account.publishers);
    this.buyers = byId(account.buyers);
    this.gateways = byId(account.gateways);
  }

  /** The carrier that sends from this address; IPv4 written as IPv6 (`::ffff:…`) counts as IPv4. */
  carrierAt(address: string): Carrier | undefined {
    const exact = this.#carriersByAddress.get(address);
    if (exact !== undefined || !ipaddr.isValid(address)) return exact;
    const parsed = ipaddr.process(address);
    return (
      this.#carriersByAddress.get(parsed.toString()) ??
      this.#carrierBlocks.find(({ block }) => block[0].kind() === parsed.kind() && parsed.match(block))?.carrier
    );
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

  #addCarrier(carrier: Carrier): void {
    for (const address of carrier.addresses) {
      if (ipaddr.isValidCIDR(address)) this.#carrierBlocks.push({ block: ipaddr.parseCIDR(address), carrier });
      else this.#carriersByAddress.set(ipaddr.process(address).toString(), carrier);
    }
  }
}

function byId<Item extends { id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}
