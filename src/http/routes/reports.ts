import { type Request, Router } from 'express';
import type { addUpCalls, ReportFilter } from '../../calls/add-up-calls.ts';
import { formatMoney } from '../../domain/money.ts';
import { REPORT_KEYS, type ReportKey, type ReportRow } from '../../domain/report.ts';
import { parseTimeZone } from '../../domain/wall-time.ts';
import type { Store } from '../../store/store.ts';
import { HttpProblem } from '../problem.ts';
import { instantOf, queryValues } from '../query-values.ts';
import { sendJson } from '../send-json.ts';

export interface ReportDeps {
  readonly store: Store<{ addUpCalls: typeof addUpCalls }>;
  /** Its zone is the one of days and hours unless another is asked for. */
  readonly account: () => { readonly timeZone: string; readonly currency: string };
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 400;
const FILTERS = ['campaign_id', 'publisher_id', 'buyer_id'] as const;

/** `/reports/{by}`: calls, connected, converted, revenue, payout and margin, for operators. */
export function reportRoutes({ store, account }: ReportDeps): Router {
  const router = Router();
  router.get('/reports/:by', async (req, res) => {
    const by = keyOf(req.params.by);
    const values = queryValues(req, ['from', 'to', 'zone', ...FILTERS]);
    const { from, to } = periodOf(values);
    const { timeZone, currency } = account();
    const zone = values['zone'] === undefined ? timeZone : parseTimeZone(values['zone']);
    const filter: ReportFilter = Object.fromEntries(FILTERS.map((name) => [name, values[name]]));
    const { rows, leftOut } = await store.addUpCalls({ by, from, to, zone, filter });
    sendJson(res, 200, { by, currency, zone, rows: rows.map((row) => rowJson(by, row)), left_out: leftOut });
  });
  return router;
}

function keyOf(text: Request['params'][string]): ReportKey {
  const key = REPORT_KEYS.find((each) => each === text);
  if (key === undefined) throw new HttpProblem('not_found', `A report is by one of ${REPORT_KEYS.join(', ')}.`);
  return key;
}

function periodOf(values: Readonly<Record<string, string | undefined>>): { from: number; to: number } {
  const { from: begin, to: end } = values;
  if (begin === undefined || end === undefined) {
    throw new HttpProblem('query_invalid', 'from and to are needed: times like 2026-03-01T12:00:00Z, or days.');
  }
  const [from, to] = [instantOf('from', begin), instantOf('to', end)];
  if (to <= from) throw new HttpProblem('query_invalid', 'to must be later than from.');
  if (to - from <= LONGEST_DAYS * DAY_MS) return { from, to };
  throw new HttpProblem('query_invalid', `A report covers ${LONGEST_DAYS} days at most.`);
}

const NAMES: Readonly<Record<ReportKey, string>> = {
  campaign: 'campaign_id',
  publisher: 'publisher_id',
  buyer: 'buyer_id',
  number: 'dialed_number',
  day: 'day',
  hour: 'hour',
};

function rowJson(by: ReportKey, { key, connectedMs, revenueMicros, payoutMicros, ...counts }: ReportRow) {
  return {
    [NAMES[by]]: key === '' ? null : key,
    ...counts,
    connected_seconds: Math.round(connectedMs / 1000),
    revenue: formatMoney(revenueMicros),
    payout: formatMoney(payoutMicros),
    margin: formatMoney(revenueMicros - payoutMicros),
  };
}
