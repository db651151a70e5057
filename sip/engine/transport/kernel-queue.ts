import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { ipv6Groups } from './address/address-kind.ts';

interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/** What the kernel holds and held for some UDP sockets of ours; zeros where the system does not tell. */
export interface KernelQueue {
  /** Datagrams thrown away since start because a receive buffer was full. */
  readonly drops: number;
  /** Bytes waiting to be read in the fullest receive buffer, as the kernel counts them. */
  readonly waitingBytes: number;
}

export function kernelQueue(sockets: readonly BoundAddress[]): KernelQueue {
  const files = new Set(sockets.map(({ address }) => (isIPv6(address) ? '/proc/net/udp6' : '/proc/net/udp')));
  const tables = [...files].map((file) => readQueue(readTable(file), sockets));
  return {
    drops: tables.reduce((sum, { drops }) => sum + drops, 0),
    waitingBytes: Math.max(0, ...tables.map(({ waitingBytes }) => waitingBytes)),
  };
}

/**
 *     sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 *     12: 0100007F:13C4 00000000:0000 07 …                                                                       42
 *
 * Addresses are 32-bit words in the machine's byte order, which is little-endian wherever Node runs.
 */
export function readQueue(table: string, sockets: readonly BoundAddress[]): KernelQueue {
  const ours = new Set(sockets.map(({ address, port }) => `${hexOf(address)}:${hex(port, 4)}`));
  let drops = 0;
  let waitingBytes = 0;
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (!ours.has(fields[1] ?? '')) continue;
    drops += Number(fields.at(-1)) || 0;
    waitingBytes = Math.max(waitingBytes, Number.parseInt(fields[4]?.split(':')[1] ?? '', 16) || 0);
  }
  return { drops, waitingBytes };
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
