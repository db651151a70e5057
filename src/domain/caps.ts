import type { Buyer, Cap } from './buyer.ts';
import { type CountedPeriod, type Period, periodAt } from './cap-period.ts';

/** What of a buyer's caps is used up at an instant; plain data. */
export interface BuyerLoad {
  readonly now: number;
  /** Lines in use: from dial until the leg is gone. */
  readonly lines: number;
  /** Those of them that nobody has answered yet. */
  readonly dialing: number;
  /** At least one for each period that a cap asks for; none where a reservation need not know, for all lines are taken. */
  readonly counted: readonly PeriodCount[];
}

/** Connections or conversions of a buyer in a period. */
export interface PeriodCount extends Period {
  readonly counts: Cap['counts'];
  readonly count: number;
}

/** A cap on something other than lines in use. */
type PeriodCap = Cap & { readonly per: CountedPeriod };

type Capped = Pick<Buyer, 'caps' | 'timeZone'>;

const WHEN: Readonly<Record<CountedPeriod, string>> = {
  hour: 'this hour',
  day: 'today',
  month: 'this month',
  total: 'in total',
};

/** True if calls must be counted to know whether it takes another. */
export function hasPeriodCap({ caps }: Pick<Buyer, 'caps'>): boolean {
  return caps.some(isPeriodCap);
}

/** What has to be counted to know whether one of the buyer's caps is reached. */
export function periodsToCount(buyer: Capped, now: number): Omit<PeriodCount, 'count'>[] {
  return buyer.caps.filter(isPeriodCap).map(({ counts, per }) => ({ counts, ...periodAt(per, buyer.timeZone, now) }));
}

/**
 * A cap that allows no further call, for a person: `50 of 50 connections today (America/New_York)`; undefined while none
 * does. That on lines comes first, for nothing has to be counted to know it; then the others in their order. Lines being dialled may become connections and count as such; calls in progress may still convert beyond a
 * cap on conversions (semantics §6).
 */
export function firstReachedCap(buyer: Capped, load: BuyerLoad): string | undefined {
  const full = whyNoLine(buyer, load.lines);
  if (full !== undefined) return full;
  for (const cap of buyer.caps) {
    const reached = isPeriodCap(cap) ? reachedInPeriod(cap, buyer.timeZone, load) : undefined;
    if (reached !== undefined) return reached;
  }
  return undefined;
}

/** `10 of 10 concurrent calls`, or undefined while the buyer has a free line. */
export function whyNoLine({ caps }: Pick<Buyer, 'caps'>, lines: number): string | undefined {
  const reached = caps.find(({ per, limit }) => per === 'concurrent' && lines >= limit);
  return reached && `${lines} of ${reached.limit} concurrent calls`;
}

function isPeriodCap(cap: Cap): cap is PeriodCap {
  return cap.per !== 'concurrent';
}

function reachedInPeriod({ per, counts, limit }: PeriodCap, timeZone: string, load: BuyerLoad): string | undefined {
  const count = countIn(load, counts, periodAt(per, timeZone, load.now));
  const dialing = counts === 'connections' ? load.dialing : 0;
  if (count + dialing < limit) return undefined;
  const zone = per === 'total' ? '' : ` (${timeZone})`;
  const more = dialing === 0 ? '' : `, and ${dialing} being dialled`;
  return `${count} of ${limit} ${counts} ${WHEN[per]}${zone}${more}`;
}

function countIn({ counted }: BuyerLoad, counts: Cap['counts'], { startsAt, endsAt }: Period): number {
  const isSame = (known: PeriodCount) =>
    known.counts === counts && known.startsAt === startsAt && known.endsAt === endsAt;
  return counted.find(isSame)?.count ?? 0;
}
