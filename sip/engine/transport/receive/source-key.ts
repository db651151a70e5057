import { isIPv6 } from 'node:net';
import { ipv6Groups } from '../address/address-kind.ts';

/** What one peer cannot have many of: its IPv4 address, or the /64 network that one IPv6 host is usually given. */
export function sourceKey(address: string): string {
  return isIPv6(address) ? ipv6Groups(address).slice(0, 4).join(':') : address;
}
