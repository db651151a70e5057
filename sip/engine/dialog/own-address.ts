import type { Target } from '../transport/transport.ts';
import type { Core } from './core.ts';

/** A call to ourselves would be two dialogs of one name. */
export function isOwnAddress(core: Core, target: Target): boolean {
  return core.transactions.transport.listeningPoints.some(
    ({ protocol, address, port, advertisedAddress, advertisedPort }) =>
      protocol === target.protocol &&
      ((address === target.address && port === target.port) ||
        (advertisedAddress === target.address && advertisedPort === target.port)),
  );
}
