import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A webhook wanted an address it may not have; trying again cannot help. */
export class AddressRefused extends Error {
  readonly code = 'address_refused';
}

type Network = ReturnType<typeof ipaddr.parseCIDR>;
type Address = ReturnType<typeof ipaddr.process>;

/** Public by allocation, yet answered by the machine's own provider: Azure's metadata and DNS. */
const PROVIDER_NETWORKS = ['168.63.129.16/32'].map((text) => ipaddr.parseCIDR(text));
/** The only block of IPv6 that is routed globally (RFC 4291 §2.4); outside it lie the forms that embed an IPv4 address. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Which addresses webhooks may connect to: public ones by https, and own networks that an operator listed (semantics §8). */
export class UrlGuard {
  readonly #allowed: readonly Network[];

  /** `allowedNetworks`: CIDR blocks or addresses. */
  constructor(allowedNetworks: readonly string[]) {
    this.#allowed = allowedNetworks.map((text) => (text.includes('/') ? ipaddr.parseCIDR(text) : single(text)));
  }

  /** Checks scheme and, where the host is a literal, its address. Throws AddressRefused. */
  checkUrl(url: URL): void {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      throw new AddressRefused(`${url.protocol} is not a scheme for webhooks`);
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.checkAddress(host, url.protocol === 'https:');
  }

  /** Without TLS only own networks are left. Throws AddressRefused. */
  checkAddress(text: string, encrypted: boolean): void {
    if (isIP(text) === 0) throw new AddressRefused(`${text} is not an address`);
    const address = ipaddr.process(text);
    if (contains(this.#allowed, address)) return;
    if (!isPublic(address)) throw new AddressRefused(`${text} is not a public address and not in the allowed networks`);
    if (!encrypted) throw new AddressRefused(`${text} is not in the allowed networks: only https may go there`);
  }

  /** A look-up for sockets: every address of the name must pass, and only those are connected to. */
  lookup(encrypted: boolean, resolve: typeof systemLookup = systemLookup): LookupFunction {
    return (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        const refusal = error ?? this.#refusal(addresses, encrypted);
        if (refusal !== null) callback(refusal, '', 0);
        else if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      });
    };
  }

  #refusal(addresses: readonly { address: string }[], encrypted: boolean): Error | null {
    if (addresses.length === 0) return new Error('the name has no address');
    try {
      for (const { address } of addresses) this.checkAddress(address, encrypted);
      return null;
    } catch (error) {
      return error as Error;
    }
  }
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || contains(PROVIDER_NETWORKS, address)) return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}

function contains(networks: readonly Network[], address: Address): boolean {
  return networks.some((network) => network[0].kind() === address.kind() && address.match(network));
}

function single(text: string): Network {
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128] as Network;
}
