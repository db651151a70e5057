import { type Request, Router } from 'express';
import type { addUpCalls, ReportFilter } from '../../calls/add-up-calls.ts';
import type { PublisherView } from '../../domain/access.ts';
import { formatMoney } from '../../domain/money.ts';
import { REPORT_KEYS, type ReportKey, type ReportRow } from '../../domain/report.ts';
import { parseTimeZone } from '../../domain/wall-time.ts';
import type { Store } from '../../store/store.ts';
import { principalOf } from '../access/authenticate.ts';
import { HttpProblem } from '../problem.ts';
import { ownId } from '../publisher-view.ts';
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
    const { publisher } = principalOf(res);
    if (publisher !== undefined && by === 'buyer')
      throw new HttpProblem('scope_missing', 'Your token does not show buyers.');
    const values = queryValues(req, ['from', 'to', 'zone', ...FILTERS]);
    const { from, to } = periodOf(values);
    const { timeZone, currency } = account();
    const zone = values['zone'] === undefined ? timeZone : parseTimeZone(values['zone']);
    const filter: ReportFilter = {
      ...Object.fromEntries(FILTERS.map((name) => [name, values[name]])),
      ...(publisher && ownOnly(publisher, values)),
    };
    const { rows, leftOut } = await store.addUpCalls({ by, from, to, zone, filter });
    const shown = rows.map((row) => (publisher === undefined ? rowJson(by, row) : publisherRowJson(by, row)));
    sendJson(res, 200, { by, currency, zone, rows: shown, left_out: leftOut });
  });
  return router;
}

/** A publisher's own calls, whoever bought them. */
function ownOnly({ publisherId }: PublisherView, values: Readonly<Record<string, string | undefined>>): ReportFilter {
  if (values['buyer_id'] !== undefined) throw new HttpProblem('scope_missing', 'Your token does not show buyers.');
  return { publisher_id: ownId(publisherId, values['publisher_id']) };
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

/** What a publisher earns, not what its calls are sold for. */
function publisherRowJson(by: ReportKey, row: ReportRow) {
  const { revenue: _, margin: __, ...shown } = rowJson(by, row);
  return shown;
}
