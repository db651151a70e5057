import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { readStat } from './process-cpu.ts';

const TICK_MS = 10;

/** A moment of the machine: how much CPU time it has given out, and how much of that to us. */
export interface MachineMoment {
  readonly atMs: number;
  /** User, nice, system and stolen time of all processors. */
  readonly busyMs: number;
  readonly oursMs: number;
  /** UDP packets thrown away for want of room in a receive buffer: overload that retransmission hides. */
  readonly dropped: number;
}

/** `ours`: processes under test or generating load that still run; those that have ended count by themselves. */
export function readMachine(ours: readonly number[]): MachineMoment {
  const [, user = 0, nice = 0, system = 0, , , , , steal = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .flatMap((line) => line.split(/\s+/).map(Number));
  const self = readStat('/proc/self/stat');
  const others = ours.map((pid) => readStat(`/proc/${pid}/stat`)?.ownMs ?? 0);
  return {
    atMs: performance.now(),
    busyMs: (user + nice + system + steal) * TICK_MS,
    oursMs: (self?.ownMs ?? 0) + (self?.endedChildrenMs ?? 0) + others.reduce((sum, used) => sum + used, 0),
    dropped: udpDrops(),
  };
}

/** Share of all processors that went to processes which are not ours, 0..1. */
export function othersShare(before: MachineMoment, after: MachineMoment): number {
  const theirs = after.busyMs - before.busyMs - (after.oursMs - before.oursMs);
  return Math.max(0, theirs / ((after.atMs - before.atMs) * availableParallelism()));
}

/** `RcvbufErrors` of `/proc/net/snmp`: a line of names, a line of figures. */
function udpDrops(): number {
  const [names = [], figures = []] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  return Number(figures[names.indexOf('RcvbufErrors')] ?? 0);
}
