import { isUnspecified } from '../transport/address-kind.ts';
import { isOwnAddress as isOurs } from '../transport/own-addresses.ts';
import type { Target } from '../transport/transport.ts';
import type { Core } from './core.ts';

/** A call to ourselves would be two dialogs of one name. */
export function isOwnAddress(core: Core, target: Target): boolean {
  return core.transactions.transport.listeningPoints.some(
    ({ protocol, address, port, advertisedAddress, advertisedPort }) =>
      protocol === target.protocol &&
      ((port === target.port && (address === target.address || (isUnspecified(address) && isOurs(target.address)))) ||
        (advertisedAddress === target.address && advertisedPort === target.port)),
  );
}
