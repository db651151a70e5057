import type { ListenRequest } from '../endpoint.ts';
import type { ListeningPoint } from '../transport.ts';
import { isUnspecified, withoutZone } from './address-kind.ts';
import { outwardAddress } from './own-addresses.ts';

/** The listening point a request became once bound to `port`. */
export function listeningPointOf(request: ListenRequest, port: number): ListeningPoint {
  const { protocol, address } = request;
  const reachable = isUnspecified(address) ? outwardAddress(address) : address;
  return {
    protocol,
    address,
    port,
    advertisedAddress: request.advertisedAddress ?? withoutZone(reachable),
    advertisedPort: request.advertisedPort ?? port,
  };
}
