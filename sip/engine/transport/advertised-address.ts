import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ListenRequest } from './endpoint.ts';
import type { ListeningPoint } from './transport.ts';

/** The listening point a request became once bound to `port`. */
export function listeningPointOf(request: ListenRequest, port: number): ListeningPoint {
  return {
    protocol: request.protocol,
    address: request.address,
    port,
    advertisedAddress: request.advertisedAddress ?? reachableAddress(request.address),
    advertisedPort: request.advertisedPort ?? port,
  };
}

export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** An address to put into Via and Contact: peers cannot answer to a wildcard. */
function reachableAddress(address: string): string {
  if (!isUnspecified(address)) return address;
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outward = own.find((each) => each.family === family && !each.internal && !each.address.startsWith('fe80'));
  return outward?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1');
}
