import { BoundedCache } from '../../message/bounded-cache.ts';
import type { ListeningPoint, Target } from '../transport.ts';
import { isUnspecified, withoutZone } from './address-kind.ts';
import { ownAddressTowards } from './own-addresses.ts';

const rememberedViews = 1_024;

/**
 * What a listening point calls itself before a peer: its own address to those on the local networks, what it was told to
 * advertise to all others; a wildcard the address of ours that the peer sees.
 */
export class Advertiser {
  readonly #isLocal: ((address: string) => boolean) | undefined;
  readonly #views = new BoundedCache<ListeningPoint>(rememberedViews);
  readonly #guessed: ReadonlySet<ListeningPoint>;

  /** `guessed`: the wildcards that were not told what to advertise. */
  constructor(isLocal: ((address: string) => boolean) | undefined, guessed: ReadonlySet<ListeningPoint>) {
    this.#isLocal = isLocal;
    this.#guessed = guessed;
  }

  viewFor(point: ListeningPoint, target: Target): ListeningPoint {
    const isGuessed = this.#guessed.has(point);
    if (!isGuessed && (this.#isLocal === undefined || !this.#isLocal(target.address))) return point;
    return this.#view(point, isUnspecified(point.address) ? seenBy(target) : withoutZone(point.address), isGuessed);
  }

  #view(point: ListeningPoint, advertisedAddress: string, isGuessed: boolean): ListeningPoint {
    const key = `${point.protocol} ${point.address} ${point.port} ${advertisedAddress}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = { ...point, advertisedAddress, advertisedPort: isGuessed ? point.advertisedPort : point.port };
    this.#views.set(key, view);
    return view;
  }
}

/** Of a connection its own end; datagrams do not say to which of our addresses they came. */
function seenBy({ address, from }: Target): string {
  const local = from === undefined || isUnspecified(from.address) ? ownAddressTowards(address) : from.address;
  return withoutZone(local);
}
