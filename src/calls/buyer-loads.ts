import type { Buyer } from '../domain/buyer.ts';
import { type BuyerLoad, type PeriodCount, periodsToCount } from '../domain/caps.ts';
import { type CountedRange, countCalls, countsAt, dropOldCounts } from '../store/buyer-count-rows.ts';
import { readConfiguration } from '../store/configuration.ts';
import { countLines } from '../store/hold-rows.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { BuyerCountRow } from '../store/tables.ts';

/** Whose load, and when. */
export interface BuyerLoadsInput {
  readonly buyerIds: readonly string[];
  readonly now: number;
}

/** What of each buyer's caps is used up, for a dry run: reads only. Buyers the account does not know are left out. */
export async function buyerLoads(
  context: OperationContext,
  { buyerIds, now }: BuyerLoadsInput,
): Promise<ReadonlyMap<string, BuyerLoad>> {
  const { buyers } = await readConfiguration(context);
  const known = buyerIds.map((id) => buyers.get(id)).filter((buyer) => buyer !== undefined);
  return loadsOf(context, known, { now, exceptCall: '', keepCounts: false });
}

/** How the loads are looked at. */
export interface LoadOptions {
  readonly now: number;
  /** Lines this call holds itself do not count. */
  readonly exceptCall: string;
  /** Periods that were counted for the first time become rows, which every later call keeps up to date. */
  readonly keepCounts: boolean;
}

/** Two queries for all buyers together, and one more for each period that has just begun. */
export async function loadsOf(
  context: OperationContext,
  buyers: readonly Buyer[],
  options: LoadOptions,
): Promise<Map<string, BuyerLoad>> {
  const { now, exceptCall } = options;
  const ids = buyers.map(({ id }) => id);
  const lines = ids.length === 0 ? [] : await countLines(context, ids, { exceptCall });
  const inUse = new Map(lines.map((count) => [count.buyer_id, count]));
  const counted = await countedPeriods(context, buyers, options);
  const loadOf = ({ id }: Buyer): BuyerLoad => {
    const { lines = 0, dialing = 0 } = inUse.get(id) ?? {};
    return { now, lines, dialing, counted: counted.get(id) ?? [] };
  };
  return new Map(buyers.map((buyer) => [buyer.id, loadOf(buyer)]));
}

async function countedPeriods(
  context: OperationContext,
  buyers: readonly Buyer[],
  { now, keepCounts }: LoadOptions,
): Promise<Map<string, PeriodCount[]>> {
  const wanted = buyers.flatMap((buyer) => periodsToCount(buyer, now).map((period) => countOf(buyer.id, period)));
  if (wanted.length === 0) return new Map();
  const rows = await countsAt(context, [...new Set(wanted.map(({ buyer_id }) => buyer_id))], now);
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  const missing = wanted.filter((count) => !known.has(keyOf(count)));
  const begun = await countAnew(context, missing);
  if (keepCounts) await keep(context, begun, now);
  for (const row of begun) known.set(keyOf(row), row);
  return byBuyer(wanted.map((count) => known.get(keyOf(count))!));
}

type CountOf = Omit<BuyerCountRow, 'count'>;

function countOf(buyerId: string, { counts, startsAt, endsAt }: Omit<PeriodCount, 'count'>): CountOf {
  return { buyer_id: buyerId, counts, starts_at: startsAt, ends_at: endsAt };
}

function keyOf({ buyer_id, ...range }: CountOf): string {
  return `${rangeOf(range)} ${buyer_id}`;
}

function rangeOf({ counts, starts_at, ends_at }: CountedRange): string {
  return `${counts} ${starts_at} ${ends_at}`;
}

/** One query for each period, which most buyers share. */
async function countAnew(context: OperationContext, missing: readonly CountOf[]): Promise<BuyerCountRow[]> {
  const rows: BuyerCountRow[] = [];
  for (const sharing of Map.groupBy(missing, rangeOf).values()) {
    const ids = [...new Set(sharing.map(({ buyer_id }) => buyer_id))];
    const range = sharing[0]!;
    const counts = await countCalls(context, ids, range);
    rows.push(...ids.map((id) => ({ ...range, buyer_id: id, count: counts.get(id) ?? 0 })));
  }
  return rows;
}

/** A clock may be a little behind that of whoever began the period; what it then lacks is counted anew. */
const KEPT_AFTER_END_MS = 3_600_000;

/** From now on these counts are kept up to date; those of periods that are over make room. */
async function keep(context: OperationContext, rows: readonly BuyerCountRow[], now: number): Promise<void> {
  for (const buyerId of new Set(rows.map(({ buyer_id }) => buyer_id))) {
    await dropOldCounts(context, { buyerId, endedBefore: now - KEPT_AFTER_END_MS });
  }
  for (const row of rows) await insertRow(context, 'buyer_counts', row);
}

function byBuyer(rows: readonly BuyerCountRow[]): Map<string, PeriodCount[]> {
  const periods = new Map<string, PeriodCount[]>();
  for (const { buyer_id, counts, starts_at: startsAt, ends_at: endsAt, count } of rows) {
    const known = periods.get(buyer_id);
    const period = { counts, startsAt, endsAt, count };
    if (known === undefined) periods.set(buyer_id, [period]);
    else known.push(period);
  }
  return periods;
}
