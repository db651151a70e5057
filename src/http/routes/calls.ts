import { type Request, Router } from 'express';
import type { getCall } from '../../calls/get-call.ts';
import type { getCalls } from '../../calls/get-calls.ts';
import type { CallFilter, searchCalls } from '../../calls/search-calls.ts';
import type { PublisherView } from '../../domain/access.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { Store } from '../../store/store.ts';
import type { CallRow } from '../../store/tables.ts';
import { principalOf } from '../access/authenticate.ts';
import { type ExportFormat, sendExport } from '../call-export.ts';
import { readCallFilter } from '../call-filter-query.ts';
import { callJson } from '../json/call-json.ts';
import { callRecordJson } from '../json/call-record-json.ts';
import { publisherCallJson, publisherRecordJson } from '../json/publisher-call-json.ts';
import { pageLength, pageStart, queryValue } from '../page-query.ts';
import { HttpProblem } from '../problem.ts';
import { narrowedTo } from '../publisher-view.ts';
import { sendJson } from '../send-json.ts';

/** The calls this process holds; see `LiveCalls`. */
export interface LiveCallRegistry {
  readonly uuids: readonly string[];
  get(uuid: string): { hangUp(reason: 'operator'): Promise<void> } | undefined;
}

export interface CallRouteDeps {
  readonly store: Store<{ getCall: typeof getCall; getCalls: typeof getCalls; searchCalls: typeof searchCalls }>;
  readonly callKeys: Pick<CallKeys, 'derive'>;
  /** Undefined while no calls are taken. */
  readonly liveCalls?: (() => LiveCallRegistry | undefined) | undefined;
}

const EXPORT_PAGE = 500;
const MOST_LIVE_SHOWN = 500;

/** `/calls` (newest first, in pages, or as a file), `/calls/{uuid}` with its whole history, `/live-calls`, for operators. */
export function callRoutes(deps: CallRouteDeps): Router {
  const { store, callKeys } = deps;
  const router = Router();
  router.get('/calls', async (req, res) => {
    const { publisher } = principalOf(res);
    const filter = narrowedTo(publisher, readCallFilter(req, ['limit', 'before']));
    const { calls, next } = await store.searchCalls({ filter, limit: pageLength(req), before: pageStart(req) });
    sendJson(res, 200, { calls: calls.map(shownTo(publisher, callKeys)), next: next ?? null });
  });
  router.get('/calls/export', async (req, res) => {
    const format = formatAsked(req);
    const { publisher } = principalOf(res);
    const filter = narrowedTo(publisher, readCallFilter(req, ['format']));
    const columns = publisher === undefined ? COLUMNS : PUBLISHER_COLUMNS;
    await sendExport(res, format, columns, exported(deps, filter, shownTo(publisher, callKeys)));
  });
  router.get('/calls/:uuid', async (req, res) => {
    const uuid = parseUuid(req.params.uuid);
    const record = uuid === undefined ? undefined : await store.getCall({ uuid });
    const { publisher } = principalOf(res);
    if (record === undefined || (publisher && record.call.publisher_id !== publisher.publisherId)) {
      throw new HttpProblem('call_unknown', 'There is no such call.');
    }
    const shown = publisher
      ? publisherRecordJson(record.call, record.tags, publisher.grants)
      : callRecordJson(record, callKeys);
    sendJson(res, 200, shown);
  });
  router.get('/live-calls', async (_req, res) => {
    const uuids = deps.liveCalls?.()?.uuids ?? [];
    const calls = await store.getCalls({ uuids: uuids.slice(-MOST_LIVE_SHOWN) });
    sendJson(res, 200, { count: uuids.length, calls: calls.map((call) => callJson(call, callKeys)) });
  });
  router.post('/live-calls/:uuid/hang-up', async (req, res) => {
    const uuid = parseUuid(req.params.uuid) ?? '';
    const call = deps.liveCalls?.()?.get(uuid);
    if (call === undefined) throw new HttpProblem('call_unknown', 'No such call is up here.');
    await call.hangUp('operator');
    const record = await store.getCall({ uuid });
    sendJson(res, 200, record === undefined ? { call_uuid: uuid } : callJson(record.call, callKeys));
  });
  return router;
}

/** A call as whoever asks may see it. */
function shownTo(publisher: PublisherView | undefined, callKeys: CallRouteDeps['callKeys']) {
  return (call: CallRow) =>
    publisher === undefined ? callJson(call, callKeys) : publisherCallJson(call, publisher.grants);
}

function formatAsked(req: Request): ExportFormat {
  const format = queryValue(req, 'format') ?? 'csv';
  if (format === 'csv' || format === 'ndjson') return format;
  throw new HttpProblem('query_invalid', 'format must be csv or ndjson.');
}

/** Pages of the whole list, one asked for when the one before is written. */
async function* exported({ store }: CallRouteDeps, filter: CallFilter, shown: ReturnType<typeof shownTo>) {
  let before: string | undefined;
  do {
    const { calls, next } = await store.searchCalls({ filter, limit: EXPORT_PAGE, before });
    yield calls.map(shown);
    before = next;
  } while (before !== undefined);
}

/** Of a CSV file, in the order in which a call has them. */
const COLUMNS: readonly (keyof ReturnType<typeof callJson>)[] = [
  ...([
    'call_uuid',
    'call_key',
    'caller_number',
    'dialed_number',
    'carrier_id',
    'campaign_id',
    'publisher_id',
  ] as const),
  ...(['buyer_id', 'destination', 'node_id', 'sip_call_id', 'start_time', 'first_invite_time', 'answer_time'] as const),
  ...(['end_time', 'end_estimated', 'ring_seconds', 'connected_seconds', 'total_seconds', 'hung_up_by'] as const),
  ...(['sip_status', 'q850_cause', 'outcome', 'outcome_reason', 'status', 'conversion_group'] as const),
  ...(['conversion_group_id', 'window_end_time', 'decision_time', 'revenue', 'payout', 'postback_value'] as const),
  ...(['late', 'duplicate', 'ledger_seq'] as const),
];

/** Of a publisher's. */
const PUBLISHER_COLUMNS: readonly (keyof ReturnType<typeof publisherCallJson>)[] = [
  ...(['call_uuid', 'caller_number', 'dialed_number', 'campaign_id', 'publisher_id', 'start_time'] as const),
  ...([
    'answer_time',
    'end_time',
    'connected_seconds',
    'status',
    'decision_time',
    'payout',
    'late',
    'duplicate',
  ] as const),
];
