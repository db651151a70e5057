import type { Buyer } from '../domain/buyer.ts';
import { type BuyerLoad, hasPeriodCap, type PeriodCount, periodsToCount, whyNoLine } from '../domain/caps.ts';
import { countCalls, countsAt, dropOldCounts } from '../store/buyer-count-rows.ts';
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
  return loadsOf(context, known, { now, exceptCall: '', isReservation: false });
}

/** How the loads are looked at. */
export interface LoadOptions {
  readonly now: number;
  /** Lines this call holds itself do not count. */
  readonly exceptCall: string;
  /** Calls of buyers without a free line are not counted; what is counted for the first time becomes a row. */
  readonly isReservation: boolean;
}

/** Two queries for all buyers together; where a period has just begun one more, and a row for each buyer. */
export async function loadsOf(
  context: OperationContext,
  buyers: readonly Buyer[],
  options: LoadOptions,
): Promise<Map<string, BuyerLoad>> {
  const { now, exceptCall } = options;
  const ids = buyers.map(({ id }) => id);
  const lines = ids.length === 0 ? [] : await countLines(context, ids, { exceptCall });
  const inUse = new Map(lines.map((count) => [count.buyer_id, count]));
  const hasLine = (buyer: Buyer) => whyNoLine(buyer, inUse.get(buyer.id)?.lines ?? 0) === undefined;
  const counting = buyers.filter((buyer) => hasPeriodCap(buyer) && (!options.isReservation || hasLine(buyer)));
  const counted = await countedPeriods(context, counting, options);
  const loadOf = ({ id }: Buyer): BuyerLoad => {
    const { lines = 0, dialing = 0 } = inUse.get(id) ?? {};
    return { now, lines, dialing, counted: counted.get(id) ?? [] };
  };
  return new Map(buyers.map((buyer) => [buyer.id, loadOf(buyer)]));
}

/** Counts by buyer; there may be more of them than its caps ask for today. */
async function countedPeriods(
  context: OperationContext,
  buyers: readonly Buyer[],
  { now, isReservation }: LoadOptions,
): Promise<ReadonlyMap<string, PeriodCount[]>> {
  if (buyers.length === 0) return new Map();
  const ids = buyers.map(({ id }) => id);
  const rows = Map.groupBy(await countsAt(context, ids, now), ({ buyer_id }) => buyer_id);
  const missing = buyers.flatMap((buyer) => notCounted(buyer, rows.get(buyer.id) ?? [], now));
  const begun = await countAnew(context, missing);
  if (isReservation) await keep(context, begun, now);
  for (const row of begun) rows.set(row.buyer_id, [...(rows.get(row.buyer_id) ?? []), row]);
  return new Map(ids.map((id) => [id, (rows.get(id) ?? []).map(periodCount)]));
}

function periodCount({ counts, starts_at: startsAt, ends_at: endsAt, count }: BuyerCountRow): PeriodCount {
  return { counts, startsAt, endsAt, count };
}

type CountOf = Omit<BuyerCountRow, 'count'>;

/** What the buyer's caps ask for and no row has. */
function notCounted(buyer: Buyer, rows: readonly BuyerCountRow[], now: number): CountOf[] {
  const missing = periodsToCount(buyer, now).filter(({ counts, startsAt, endsAt }) => {
    return !rows.some((row) => row.counts === counts && row.starts_at === startsAt && row.ends_at === endsAt);
  });
  return missing.map(({ counts, startsAt, endsAt }) => ({
    buyer_id: buyer.id,
    counts,
    starts_at: startsAt,
    ends_at: endsAt,
  }));
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

function rangeOf({ counts, starts_at, ends_at }: CountOf): string {
  return `${counts} ${starts_at} ${ends_at}`;
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
