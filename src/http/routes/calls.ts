import { type Request, Router } from 'express';
import type { getCall } from '../../calls/get-call.ts';
import type { listCalls } from '../../calls/list-calls.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { Store } from '../../store/store.ts';
import { callJson } from '../json/call-json.ts';
import { callRecordJson } from '../json/call-record-json.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface CallRouteDeps {
  readonly store: Store<{ getCall: typeof getCall; listCalls: typeof listCalls }>;
  readonly callKeys: Pick<CallKeys, 'derive'>;
}

const DEFAULT_PAGE = 50;
const LONGEST_PAGE = 500;

/** `GET /calls` (newest first, in pages) and `GET /calls/{uuid}` with its whole history, for operators. */
export function callRoutes({ store, callKeys }: CallRouteDeps): Router {
  const router = Router();
  router.get('/calls', async (req, res) => {
    const limit = pageLength(req);
    const calls = await store.listCalls({ limit, before: pageStart(req) });
    const next = calls.length < limit ? null : (calls.at(-1)?.uuid ?? null);
    sendJson(res, 200, { calls: calls.map((call) => callJson(call, callKeys)), next });
  });
  router.get('/calls/:uuid', async (req, res) => {
    const uuid = parseUuid(req.params.uuid);
    const record = uuid === undefined ? undefined : await store.getCall({ uuid });
    if (record === undefined) throw new HttpProblem('call_unknown', 'There is no such call.');
    sendJson(res, 200, callRecordJson(record, callKeys));
  });
  return router;
}

function pageLength(req: Request): number {
  const text = queryValue(req, 'limit') ?? String(DEFAULT_PAGE);
  const length = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (length >= 1 && length <= LONGEST_PAGE) return length;
  throw new HttpProblem('query_invalid', `limit must be a number from 1 to ${LONGEST_PAGE}.`);
}

function pageStart(req: Request): string | undefined {
  const text = queryValue(req, 'before');
  const uuid = parseUuid(text ?? '');
  if (text !== undefined && uuid === undefined) throw new HttpProblem('query_invalid', 'before must be a call uuid.');
  return uuid;
}

function queryValue(req: Request, name: string): string | undefined {
  return new URLSearchParams(req.url.split('?')[1] ?? '').get(name) ?? undefined;
}
