import type { Target } from '../transport/transport.ts';

let second = -1;
let clockText = '';

/** Time of day as frames carry it: `HH:MM:SS.uuuuuu`, UTC. */
export function timeOfDay(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000);
  if (seconds !== second) {
    second = seconds;
    clockText = new Date(seconds * 1000).toISOString().slice(11, 19);
  }
  return `${clockText}.${String(epochMs - seconds * 1000).padStart(3, '0')}000`;
}

/** `source|bytes|protocol|address|port|time`: where a message came from or went to. */
export function metaBlock(source: 'network' | 'application', bytes: number, peer: Target): string {
  return `${source}|${bytes}|${peer.protocol}|${peer.address}|${peer.port}|${timeOfDay(Date.now())}`;
}
