import { BlockList, isIP } from 'node:net';
import { withoutZone } from './address-kind.ts';

/** A network of the settings cannot be read; `message` says which. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code = 'bad_network';
}

/** Whether an address is in one of these networks, e.g. `10.0.0.0/8`, `fd00::/8` or a single address. */
export function networkMatcher(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) add(list, network);
  return (address) => list.check(withoutZone(address), isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function add(list: BlockList, network: string): void {
  const [address = '', bits, ...rest] = network.split('/');
  const version = isIP(address);
  const widest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || rest.length > 0 || !(prefix <= widest)) {
    throw new NetworkError(`${network} is no network: write it like 10.0.0.0/8 or fd00::/8`);
  }
  list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
}
