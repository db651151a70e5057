import ipaddr from 'ipaddr.js';
import type { Account } from '../domain/account.ts';
import { hostOfUri } from '../domain/sip-address.ts';

/** Whom the SIP engine expects to hear from. */
export interface ExpectedSources {
  /** Addresses and blocks. */
  readonly networks: readonly string[];
  readonly others: 'answer' | 'ignore';
}

/**
 * Carriers by their addresses; buyers and gateways too, as far as they are given by address, for what they may ask us out
 * of turn (OPTIONS). Nobody is ignored while a carrier may log in from anywhere.
 */
export function expectedSources(account: Account, unknownSources: 'refuse' | 'silence'): ExpectedSources {
  const uris = [
    ...account.gateways.map(({ uri }) => uri),
    ...account.buyers.flatMap(({ destinations }) => destinations.map((each) => (each.kind === 'sip' ? each.uri : ''))),
  ];
  const networks = [
    ...account.carriers.flatMap(({ addresses }) => addresses),
    ...uris.map(hostOfUri).filter(isAddress),
  ];
  const ignore = unknownSources === 'silence' && !someCarrierRoams(account);
  return { networks: [...new Set(networks.map(plain))], others: ignore ? 'ignore' : 'answer' };
}

/** True if a carrier is told by its login alone. */
export function someCarrierRoams({ carriers }: Account): boolean {
  return carriers.some(({ addresses }) => addresses.length === 0);
}

const isAddress = (host: string): boolean => ipaddr.isValid(host);

/** IPv4 written as IPv6 becomes IPv4: that is how its packets come. */
function plain(network: string): string {
  if (!ipaddr.isValidCIDR(network)) return ipaddr.process(network).toString();
  const [address, bits] = ipaddr.parseCIDR(network);
  if (!(address instanceof ipaddr.IPv6) || !address.isIPv4MappedAddress() || bits < 96) return `${address}/${bits}`;
  return `${address.toIPv4Address()}/${bits - 96}`;
}
