import { type RawBuilder, sql } from 'kysely';
import { byClock, PeriodClock, QUARTER_MS, type ReportKey, type ReportRow } from '../domain/report.ts';
import type { OperationContext } from '../store/store.ts';

/** Columns a report may be narrowed to. */
export interface ReportFilter {
  readonly campaign_id?: string | undefined;
  readonly publisher_id?: string | undefined;
  readonly buyer_id?: string | undefined;
}

export interface AddUpCallsInput {
  readonly by: ReportKey;
  /** Calls that started in [from, to), epoch ms, rounded down to a quarter of an hour. */
  readonly from: number;
  readonly to: number;
  /** Whose days and hours. */
  readonly zone: string;
  readonly filter: ReportFilter;
}

export interface AddedUp {
  /** By day or hour in their order, else those with most calls first. */
  readonly rows: readonly ReportRow[];
  /** How many more there were. */
  readonly leftOut: number;
}

const MOST_ROWS = 10_000;
const COLUMNS = {
  campaign: 'campaign_id',
  publisher: 'publisher_id',
  buyer: 'buyer_id',
  number: 'dialed_number',
} as const;
const QUARTERS_PER_HOUR = 4;

/** Sums of calls that are over and of their money, from the totals the database keeps: calls are not read. */
export async function addUpCalls(context: OperationContext, input: AddUpCallsInput): Promise<AddedUp> {
  const { by } = input;
  const rows = by === 'day' || by === 'hour' ? await byTime(context, by, input) : await byColumn(context, by, input);
  return { rows: rows.slice(0, MOST_ROWS), leftOut: Math.max(0, rows.length - MOST_ROWS) };
}

async function byTime(context: OperationContext, by: 'day' | 'hour', input: AddUpCallsInput): Promise<ReportRow[]> {
  const clock = new PeriodClock(input.zone, input.from, input.to);
  const step = clock.isWhole ? QUARTERS_PER_HOUR : 1;
  const sums = await sumsBy(context, sql`quarter / ${sql.lit(step)}`, input);
  return byClock(
    sums.map(({ key, ...totals }) => ({ at: Number(key) * step * QUARTER_MS, ...totals })),
    by,
    clock,
  );
}

async function byColumn(
  context: OperationContext,
  by: keyof typeof COLUMNS,
  input: AddUpCallsInput,
): Promise<ReportRow[]> {
  const sums = await sumsBy(context, sql.ref(COLUMNS[by]), input);
  return sums
    .map(({ key, ...totals }) => ({ key: String(key), ...totals }))
    .sort((one, other) => other.calls - one.calls || (one.key < other.key ? -1 : 1));
}

function sumsBy({ db }: OperationContext, key: RawBuilder<unknown>, { from, to, filter }: AddUpCallsInput) {
  const added = (name: 'calls' | 'connected' | 'connected_ms' | 'converted' | 'revenue_micros' | 'payout_micros') =>
    sql<number>`sum(${sql.ref(name)})`;
  let query = db
    .selectFrom('call_totals')
    .select([
      sql<string | number>`${key}`.as('key'),
      added('calls').as('calls'),
      added('connected').as('connected'),
      added('connected_ms').as('connectedMs'),
      added('converted').as('converted'),
      added('revenue_micros').as('revenueMicros'),
      added('payout_micros').as('payoutMicros'),
    ])
    .where('quarter', '>=', Math.floor(from / QUARTER_MS))
    .where('quarter', '<', Math.floor(to / QUARTER_MS))
    .groupBy(key);
  for (const [name, value] of Object.entries(filter) as [keyof ReportFilter, string | undefined][]) {
    if (value !== undefined) query = query.where(name, '=', value);
  }
  return query.execute();
}
