import { sql } from 'kysely';
import { lowestUuidAt } from '../domain/ids.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';

/** Columns of `calls` that are compared as they are. */
export const FILTER_COLUMNS = [
  'campaign_id',
  'publisher_id',
  'buyer_id',
  'carrier_id',
  'dialed_number',
  'caller_number',
  'state',
  'outcome',
] as const;
export type FilterColumn = (typeof FILTER_COLUMNS)[number];

export interface CallFilter {
  /** Started at or after, and before; epoch ms. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly columns: Readonly<Partial<Record<FilterColumn, string>>>;
  readonly tag?: { readonly name: string; readonly value: string } | undefined;
}

export interface SearchCallsInput {
  readonly filter: CallFilter;
  readonly limit: number;
  /** uuid of the page before. */
  readonly before?: string | undefined;
}

export interface FoundCalls {
  readonly calls: CallRow[];
  /** `before` of the next page, which may hold more or not; undefined when all was looked through. */
  readonly next: string | undefined;
}

/** Calls looked at for one page: what is searched for may be rare, and signalling waits behind this. */
const MOST_LOOKED_AT = 2_000;
/** A uuid is made a moment before its call is written down. */
const UUID_LEAD_MS = 60_000;

/**
 * Calls that fit, newest first. Looks through a bounded number of calls, in the order of their uuids, so that a page costs the
 * same whatever is stored: it may be short, even empty, and yet have a `next`.
 */
export async function searchCalls(context: OperationContext, input: SearchCallsInput): Promise<FoundCalls> {
  const { filter, limit } = input;
  const upper = input.before ?? (filter.to === undefined ? LAST_UUID : lowestUuidAt(filter.to));
  const lower = filter.from === undefined ? '' : lowestUuidAt(Math.max(0, filter.from - UUID_LEAD_MS));
  const portion = await lookAt(context, { upper, lower });
  if (portion.oldest === null) return { calls: [], next: undefined };
  const calls = await fitting(context, filter, { upper, oldest: portion.oldest, limit });
  if (calls.length === limit) return { calls, next: calls.at(-1)?.uuid };
  return { calls, next: Number(portion.count) < MOST_LOOKED_AT ? undefined : portion.oldest };
}

const LAST_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Where the portion that is looked through ends; reads the primary key alone. */
async function lookAt({ db }: OperationContext, { upper, lower }: { upper: string; lower: string }) {
  const portion = db
    .selectFrom('calls')
    .select('uuid')
    .where('uuid', '<', upper)
    .where('uuid', '>=', lower)
    .orderBy('uuid', 'desc')
    .limit(MOST_LOOKED_AT)
    .as('portion');
  return db
    .selectFrom(portion)
    .select(({ fn }) => [fn.min<string | null>('uuid').as('oldest'), fn.countAll().as('count')])
    .executeTakeFirstOrThrow();
}

/** `+column`: by any index of its own SQLite would read calls of all times. */
function fitting(
  { db }: OperationContext,
  { from, to, columns, tag }: CallFilter,
  { upper, oldest, limit }: { readonly upper: string; readonly oldest: string; readonly limit: number },
): Promise<CallRow[]> {
  let query = db
    .selectFrom('calls')
    .selectAll()
    .where('uuid', '<', upper)
    .where('uuid', '>=', oldest)
    .orderBy('uuid', 'desc')
    .limit(limit);
  if (from !== undefined) query = query.where('started_at', '>=', from);
  if (to !== undefined) query = query.where('started_at', '<', to);
  for (const column of FILTER_COLUMNS) {
    const wanted = columns[column];
    if (wanted !== undefined) query = query.where(sql`+${sql.ref(column)}`, '=', wanted);
  }
  if (tag !== undefined) {
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('tags')
          .select('tags.call_uuid')
          .whereRef('tags.call_uuid', '=', 'calls.uuid')
          .where('name', '=', tag.name)
          .where('value', '=', tag.value),
      ),
    );
  }
  return query.execute();
}
