import type { Buyer } from '../domain/buyer.ts';
import { type BuyerLoad, type PeriodCount, periodsToCount } from '../domain/caps.ts';
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

/** Two queries for all buyers together; and one for each period of a buyer that is counted for the first time. */
export async function loadsOf(
  context: OperationContext,
  buyers: readonly Buyer[],
  options: LoadOptions,
): Promise<Map<string, BuyerLoad>> {
  const { now, exceptCall } = options;
  const lines = await countLines(
    context,
    buyers.map(({ id }) => id),
    { exceptCall },
  );
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
  const wanted = buyers.flatMap((buyer) => periodsToCount(buyer, now).map((period) => rowFor(buyer.id, period)));
  if (wanted.length === 0) return new Map();
  const rows = await countsAt(context, [...new Set(wanted.map((row) => row.buyer_id))], now);
  const known = new Map(rows.map((row) => [keyOf(row), row.count]));
  const found = new Map<string, PeriodCount[]>();
  for (const row of wanted) {
    let count = known.get(keyOf(row));
    if (count === undefined) {
      count = await (keepCounts ? startCounting(context, row, now) : countCalls(context, row));
      known.set(keyOf(row), count);
    }
    const period = { counts: row.counts, startsAt: row.starts_at, endsAt: row.ends_at, count };
    found.set(row.buyer_id, [...(found.get(row.buyer_id) ?? []), period]);
  }
  return found;
}

type CountOf = Omit<BuyerCountRow, 'count'>;

function rowFor(buyerId: string, { counts, startsAt, endsAt }: Omit<PeriodCount, 'count'>): CountOf {
  return { buyer_id: buyerId, counts, starts_at: startsAt, ends_at: endsAt };
}

function keyOf({ buyer_id, counts, starts_at, ends_at }: CountOf): string {
  return `${starts_at} ${ends_at} ${counts} ${buyer_id}`;
}

/** A clock may be a little behind that of whoever began the period; what it then lacks is counted anew. */
const KEPT_AFTER_END_MS = 3_600_000;

/** The first time a cap asks for a period: it is counted once, and periods that are over make room. */
async function startCounting(context: OperationContext, row: CountOf, now: number): Promise<number> {
  await dropOldCounts(context, { buyerId: row.buyer_id, endedBefore: now - KEPT_AFTER_END_MS });
  const count = await countCalls(context, row);
  await insertRow(context, 'buyer_counts', { ...row, count });
  return count;
}
