import { type RawBuilder, sql } from 'kysely';
import { byClock, PeriodClock, QUARTER_MS, type ReportKey, type ReportRow, type Totals } from '../domain/report.ts';
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
const QUARTERS_PER_DAY = 96;
const DAY_MS = QUARTERS_PER_DAY * QUARTER_MS;

/** Sums of calls that are over and of their money, from the totals the database keeps: calls are not read. */
export async function addUpCalls(context: OperationContext, input: AddUpCallsInput): Promise<AddedUp> {
  const { by } = input;
  const rows = by === 'day' || by === 'hour' ? await byTime(context, by, input) : await byColumn(context, by, input);
  return { rows: rows.slice(0, MOST_ROWS), leftOut: Math.max(0, rows.length - MOST_ROWS) };
}

/** Rows of one of the tables of totals: `from` and `to` in its own unit. */
interface Part {
  readonly table: 'call_totals' | 'call_day_totals' | 'call_quarter_totals';
  readonly unit: 'quarter' | 'day';
  readonly from: number;
  readonly to: number;
}

async function byTime(context: OperationContext, by: 'day' | 'hour', input: AddUpCallsInput): Promise<ReportRow[]> {
  const clock = new PeriodClock(input.zone, input.from, input.to);
  const step = clock.isWhole ? QUARTERS_PER_HOUR : 1;
  const isNarrowed = Object.values(input.filter).some((value) => value !== undefined);
  const table = isNarrowed ? 'call_totals' : 'call_quarter_totals';
  const part: Part = { table, unit: 'quarter', from: quarterOf(input.from), to: quarterOf(input.to) };
  const sums = await sumsBy(context, sql`quarter / ${sql.lit(step)}`, [part], input.filter);
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
  const sums = await sumsBy(context, sql.ref(COLUMNS[by]), partsOf(input), input.filter);
  return sums
    .map(({ key, ...totals }) => ({ key: String(key), ...totals }))
    .sort((one, other) => other.calls - one.calls || (one.key < other.key ? -1 : 1));
}

/** Whole days from the totals of days, what is left at both ends from those of quarters. */
function partsOf({ from, to }: AddUpCallsInput): Part[] {
  const quarters = { table: 'call_totals', unit: 'quarter', from: quarterOf(from), to: quarterOf(to) } as const;
  const [firstDay, endDay] = [Math.ceil(from / DAY_MS), Math.floor(to / DAY_MS)];
  if (firstDay >= endDay) return [quarters];
  return [
    { ...quarters, to: firstDay * QUARTERS_PER_DAY },
    { table: 'call_day_totals', unit: 'day', from: firstDay, to: endDay },
    { ...quarters, from: endDay * QUARTERS_PER_DAY },
  ];
}

function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS);
}

async function sumsBy(
  { db }: OperationContext,
  key: RawBuilder<unknown>,
  parts: readonly Part[],
  filter: ReportFilter,
): Promise<(Totals & { readonly key: string | number })[]> {
  const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = wanted.map(([name, value]) => sql` and ${sql.ref(name)} = ${value}`);
  const selects = parts.map(
    ({ table, unit, from, to }) => sql`select ${key} as key, calls, connected, connected_ms, converted, revenue_micros,
      payout_micros from ${sql.table(table)} where ${sql.ref(unit)} >= ${from} and ${sql.ref(unit)} < ${to}
      ${sql.join(conditions, sql``)}`,
  );
  const query = sql<Totals & { key: string | number }>`select key, sum(calls) as calls, sum(connected) as connected,
    sum(connected_ms) as "connectedMs", sum(converted) as converted, sum(revenue_micros) as "revenueMicros",
    sum(payout_micros) as "payoutMicros" from (${sql.join(selects, sql` union all `)}) as parts group by key`;
  return (await query.execute(db)).rows;
}
