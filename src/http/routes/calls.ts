import { Router } from 'express';
import type { getCall } from '../../calls/get-call.ts';
import type { listCalls } from '../../calls/list-calls.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { Store } from '../../store/store.ts';
import { callJson } from '../json/call-json.ts';
import { callRecordJson } from '../json/call-record-json.ts';
import { pageLength, pageStart } from '../page-query.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface CallRouteDeps {
  readonly store: Store<{ getCall: typeof getCall; listCalls: typeof listCalls }>;
  readonly callKeys: Pick<CallKeys, 'derive'>;
}

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
