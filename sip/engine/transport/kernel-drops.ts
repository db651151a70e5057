import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { ipv6Groups } from './address-kind.ts';

interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/** Datagrams the kernel threw away because the buffer of one of these sockets was full; 0 where the system does not tell. */
export function kernelDrops(sockets: readonly BoundAddress[]): number {
  const files = new Set(sockets.map(({ address }) => (isIPv6(address) ? '/proc/net/udp6' : '/proc/net/udp')));
  let drops = 0;
  for (const file of files) drops += countDrops(readTable(file), sockets);
  return drops;
}

/**
 *     sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 *     12: 0100007F:13C4 00000000:0000 07 …                                                                       42
 *
 * Addresses are 32-bit words in the machine's byte order, which is little-endian wherever Node runs.
 */
export function countDrops(table: string, sockets: readonly BoundAddress[]): number {
  const ours = new Set(sockets.map(({ address, port }) => `${hexOf(address)}:${hex(port, 4)}`));
  let drops = 0;
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (ours.has(fields[1] ?? '')) drops += Number(fields.at(-1)) || 0;
  }
  return drops;
}

function hexOf(address: string): string {
  if (!isIPv6(address))
    return address
      .split('.')
      .map(Number)
      .reverse()
      .map((part) => hex(part, 2))
      .join('');
  const bytes = ipv6Groups(address).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [hex(value >> 8, 2), hex(value & 0xff, 2)];
  });
  return [0, 4, 8, 12].flatMap((at) => bytes.slice(at, at + 4).reverse()).join('');
}

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

function readTable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // Not Linux.
  }
}
