import { sql } from 'kysely';
import { listStatement } from './list-statement.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { BuyerCountRow } from './tables.ts';

const at = listStatement<{ now: number }>()((db, buyerIds, value) =>
  db
    .selectFrom('buyer_counts')
    .selectAll()
    .where('buyer_id', 'in', buyerIds)
    .where('starts_at', '<=', value.now)
    .where('ends_at', '>', value.now),
);

/** What is counted already, of the periods an instant lies in. */
export function countsAt(
  context: OperationContext,
  buyerIds: readonly string[],
  now: number,
): Promise<BuyerCountRow[]> {
  return at.all(context, buyerIds, { now });
}

const add = statement<{ buyerId: string; counts: BuyerCountRow['counts']; at: number }>()((db, value) =>
  db
    .updateTable('buyer_counts')
    .set({ count: sql`count + 1` })
    .where('buyer_id', '=', value.buyerId)
    .where('counts', '=', value.counts)
    .where('starts_at', '<=', value.at)
    .where('ends_at', '>', value.at),
);

/** One more, in every period that is counted; whether a cap asks for it today does not matter. */
export async function addToCounts(context: OperationContext, input: Parameters<typeof add.run>[1]): Promise<void> {
  await add.run(context, input);
}

/** What is counted, and from when until when. */
type CountedRange = Pick<BuyerCountRow, 'counts' | 'starts_at' | 'ends_at'>;

/** `answered_at is not null`, as the index says it. */
const connections = listStatement<CountedRange>()((db, buyerIds, value) =>
  db
    .selectFrom('calls')
    .select(({ fn }) => ['buyer_id', fn.countAll<number>().as('count')])
    .where('buyer_id', 'in', buyerIds)
    .where('answered_at', 'is not', null)
    .where('answered_at', '>=', value.starts_at)
    .where('answered_at', '<', value.ends_at)
    .groupBy('buyer_id'),
);

/** The literal lets the database use the index of converted calls. */
const conversions = listStatement<CountedRange>()((db, buyerIds, value) =>
  db
    .selectFrom('calls')
    .select(({ fn }) => ['buyer_id', fn.countAll<number>().as('count')])
    .where('state', '=', sql.lit('converted'))
    .where('buyer_id', 'in', buyerIds)
    .where('decided_at', '>=', value.starts_at)
    .where('decided_at', '<', value.ends_at)
    .groupBy('buyer_id'),
);

/** Counts the calls themselves, by index; those that retention has removed are not among them. */
export async function countCalls(
  context: OperationContext,
  buyerIds: readonly string[],
  range: CountedRange,
): Promise<ReadonlyMap<string, number>> {
  const counted = range.counts === 'connections' ? connections : conversions;
  const rows = await counted.all(context, buyerIds, range);
  return new Map(rows.map(({ buyer_id, count }) => [buyer_id ?? '', count]));
}

const dropOld = statement<{ buyerId: string; endedBefore: number }>()((db, value) =>
  db.deleteFrom('buyer_counts').where('buyer_id', '=', value.buyerId).where('ends_at', '<', value.endedBefore),
);

/** Counts of periods that are over serve no cap. */
export async function dropOldCounts(
  context: OperationContext,
  input: { readonly buyerId: string; readonly endedBefore: number },
): Promise<void> {
  await dropOld.run(context, input);
}
