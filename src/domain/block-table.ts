import { blockKey, type NetworkBlock, parseBlock, widen } from './network-block.ts';

/** Finds what belongs to the most specific block an address is in; cost follows the number of different block sizes. */
export class BlockTable<Entry> {
  readonly #entries = new Map<string, Entry[]>();
  /** Block sizes in use, most specific first. */
  readonly #sizes: Record<NetworkBlock['kind'], number[]> = { ipv4: [], ipv6: [] };

  add(block: NetworkBlock, entry: Entry): void {
    const key = blockKey(block);
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, [entry]);
    else known.push(entry);
    const sizes = this.#sizes[block.kind];
    if (!sizes.includes(block.bits)) sizes.push(block.bits);
    sizes.sort((a, b) => b - a);
  }

  /** Everything added for that block, in order; empty for an address in none, and for a text that is no address. */
  find(address: string): readonly Entry[] {
    const parsed = addressBlock(address);
    if (parsed === undefined) return [];
    for (const bits of this.#sizes[parsed.kind]) {
      const found = this.#entries.get(blockKey(widen(parsed, bits)));
      if (found !== undefined) return found;
    }
    return [];
  }
}

/** Without the zone of a link-local address (RFC 4007 §11.2). */
function addressBlock(address: string): NetworkBlock | undefined {
  try {
    return parseBlock(address.replace(/%.*$/, ''));
  } catch {
    return undefined;
  }
}
