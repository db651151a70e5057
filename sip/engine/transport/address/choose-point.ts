import { isIPv6 } from 'node:net';
import type { ListeningPoint, Target } from '../transport.ts';
import { isLoopback, isPrivate, isUnspecified } from './address-kind.ts';

/** The listening point to send from: the one asked for, else the address nearest to the target's, loopback last. */
export function choosePoint(points: readonly ListeningPoint[], target: Target): ListeningPoint | undefined {
  const able = points.filter((point) => canReach(point, target));
  if (able.length <= 1) return able[0];
  const { from } = target;
  const asked = from && able.find((point) => point.port === from.port && isAt(point, from.address));
  return asked ?? able.reduce((best, point) => (nearness(point, target) > nearness(best, target) ? point : best));
}

function isAt({ address }: ListeningPoint, localAddress: string): boolean {
  return address === localAddress || isUnspecified(address);
}

function canReach(point: ListeningPoint, target: Target): boolean {
  return point.protocol === target.protocol && isIPv6(point.address) === isIPv6(target.address);
}

/**
 * Leading parts the addresses share, and half a part for a point that outsiders know by another address; below zero for a
 * loopback, which cannot reach the outside.
 */
function nearness(point: ListeningPoint, target: Target): number {
  if (isLoopback(point.address) && !isLoopback(target.address)) return -1;
  const separator = isIPv6(target.address) ? ':' : '.';
  const theirs = target.address.split(separator);
  const ours = point.address.split(separator);
  const differs = ours.findIndex((part, at) => part !== theirs[at]);
  const shared = differs < 0 ? ours.length : differs;
  return point.advertisedAddress === point.address || isPrivate(target.address) ? shared : shared + 0.5;
}
