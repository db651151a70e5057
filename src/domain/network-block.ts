import ipaddr from 'ipaddr.js';

/** One address or a block of them. IPv4 written as IPv6 (`::ffff:…`) is IPv4. */
export interface NetworkBlock {
  readonly kind: 'ipv4' | 'ipv6';
  /** The leading bits that count: 32 or 128 for a single address. */
  readonly bits: number;
  /** Those bits. */
  readonly prefix: bigint;
}

const WIDTH = { ipv4: 32, ipv6: 128 } as const;
const MAPPED_BITS = 96;

/** Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`; bits beyond the prefix are ignored. Throws if it is neither. */
export function parseBlock(text: string): NetworkBlock {
  const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && (bits ?? MAPPED_BITS) >= MAPPED_BITS) {
    return blockOf(address.toIPv4Address(), bits === undefined ? undefined : bits - MAPPED_BITS);
  }
  return blockOf(address, bits);
}

/** The block of so many leading bits an address is in. */
export function widen({ kind, prefix, bits }: NetworkBlock, to: number): NetworkBlock {
  return { kind, bits: to, prefix: prefix >> BigInt(bits - to) };
}

const IPV6_NETWORK_BITS = 64;

/** What one peer cannot have many of: its IPv4 address, or the /64 network one IPv6 host is usually given. */
export function peerKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const block = parseBlock(address);
  return blockKey(block.kind === 'ipv6' ? widen(block, IPV6_NETWORK_BITS) : block);
}

/** The same for blocks of the same addresses. */
export function blockKey({ kind, bits, prefix }: NetworkBlock): string {
  return `${kind}/${bits}/${prefix}`;
}

function blockOf(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number | undefined): NetworkBlock {
  const kind = address.kind();
  const length = bits ?? WIDTH[kind];
  const value = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { kind, bits: length, prefix: value >> BigInt(WIDTH[kind] - length) };
}
