import { BlockList, isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { BoundedCache } from '../../message/bounded-cache.ts';
import { isLoopback, withoutZone } from './address-kind.ts';

const rememberedMs = 10_000;
const rememberedPeers = 1_024;

interface Known {
  readonly interfaces: readonly NetworkInterfaceInfo[];
  /** By peer. */
  readonly towards: BoundedCache<string>;
  readonly readAt: number;
}

let known: Known | undefined;

/** Interfaces come and go, but not from one message to the next. */
function current(): Known {
  const now = performance.now();
  if (known === undefined || now - known.readAt > rememberedMs) {
    const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    known = { interfaces, towards: new BoundedCache(rememberedPeers), readAt: now };
  }
  return known;
}

/** True for an address of this machine. */
export function isOwnAddress(address: string): boolean {
  const bare = withoutZone(address);
  return isLoopback(bare) || current().interfaces.some((each) => each.address === bare);
}

/** Our address on the network this peer is on, else the one that leads outside. */
export function ownAddressTowards(peer: string): string {
  const { towards } = current();
  const remembered = towards.get(peer);
  if (remembered !== undefined) return remembered;
  const own = find(peer);
  towards.set(peer, own);
  return own;
}

/** An address of the same family as this one that may be reached from outside. */
export function outwardAddress(address: string): string {
  return outward(isIPv6(address)) ?? loopbackOf(address);
}

function find(peer: string): string {
  if (isLoopback(peer)) return loopbackOf(peer);
  const near = ownOf(isIPv6(peer)).find((each) => each.cidr !== null && contains(each.cidr, peer));
  return near?.address ?? outwardAddress(peer);
}

const loopbackOf = (address: string): string => (isIPv6(address) ? '::1' : '127.0.0.1');

const ownOf = (isV6: boolean): NetworkInterfaceInfo[] =>
  current().interfaces.filter((each) => each.family === (isV6 ? 'IPv6' : 'IPv4') && !each.internal);

const outward = (isV6: boolean): string | undefined =>
  ownOf(isV6).find((each) => !each.address.startsWith('fe80'))?.address;

function contains(cidr: string, address: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  return list.check(withoutZone(address), isIPv6(address) ? 'ipv6' : 'ipv4');
}
