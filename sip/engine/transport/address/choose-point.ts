import type { ListeningPoint, Target } from '../transport.ts';
import { isIpv6Literal, isLoopback, isPrivate, isUnspecified } from './address-kind.ts';

/** The listening point to send from: the one asked for, else the address nearest to the target's, loopback last. */
export function choosePoint(points: readonly ListeningPoint[], target: Target): ListeningPoint | undefined {
  // Called for each message: nothing is allocated for the usual handful of points.
  let best: ListeningPoint | undefined;
  for (const point of points) {
    if (!canReach(point, target)) continue;
    if (isAskedFor(point, target)) return point;
    if (best === undefined || nearness(point, target) > nearness(best, target)) best = point;
  }
  return best;
}

function isAskedFor({ address, port }: ListeningPoint, { from }: Target): boolean {
  return from !== undefined && port === from.port && (address === from.address || isUnspecified(address));
}

function canReach(point: ListeningPoint, target: Target): boolean {
  return point.protocol === target.protocol && isIpv6Literal(point.address) === isIpv6Literal(target.address);
}

/**
 * Leading parts the addresses share, and half a part for a point that outsiders know by another address; below zero for a
 * loopback, which cannot reach the outside.
 */
function nearness(point: ListeningPoint, target: Target): number {
  if (isLoopback(point.address) && !isLoopback(target.address)) return -1;
  const separator = isIpv6Literal(target.address) ? ':' : '.';
  const theirs = target.address.split(separator);
  const ours = point.address.split(separator);
  const differs = ours.findIndex((part, at) => part !== theirs[at]);
  const shared = differs < 0 ? ours.length : differs;
  return point.advertisedAddress === point.address || isPrivate(target.address) ? shared : shared + 0.5;
}
