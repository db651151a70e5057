import type { Target, Transport } from '../transport.ts';
import { isUnspecified } from './address-kind.ts';
import { isOwnAddress } from './own-addresses.ts';

/** True when what is sent there would come back to us. */
export function leadsBack(transport: Transport, target: Target): boolean {
  return transport.listeningPoints.some(
    ({ protocol, address, port, advertisedAddress, advertisedPort }) =>
      protocol === target.protocol &&
      ((port === target.port &&
        (address === target.address || (isUnspecified(address) && isOwnAddress(target.address)))) ||
        (advertisedAddress === target.address && advertisedPort === target.port)),
  );
}
