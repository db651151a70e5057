import { Router } from 'express';
import type { ListedPostback, listPostbacks } from '../../calls/list-postbacks.ts';
import type { Store } from '../../store/store.ts';
import { postbackJson } from '../json/call-record-json.ts';
import { rfc3339 } from '../json/rfc3339.ts';
import { pageLength, pageStart, queryValue } from '../page-query.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface PostbackLogDeps {
  readonly store: Store<{ listPostbacks: typeof listPostbacks }>;
}

/** `GET /campaigns/{id}/postbacks?converted=no`: what arrived for a campaign, newest first, for operators. */
export function postbackLogRoutes({ store }: PostbackLogDeps): Router {
  const router = Router();
  router.get('/campaigns/:id/postbacks', async (req, res) => {
    const limit = pageLength(req);
    const converted = queryValue(req, 'converted');
    if (converted !== undefined && converted !== 'yes' && converted !== 'no') {
      throw new HttpProblem('query_invalid', 'converted must be yes or no, or left out.');
    }
    const page = { campaignId: req.params.id, converted, limit, before: pageStart(req) } as const;
    const postbacks = await store.listPostbacks(page);
    const next = postbacks.length < limit ? null : (postbacks.at(-1)?.row.id ?? null);
    sendJson(res, 200, { postbacks: postbacks.map(listedJson), next });
  });
  return router;
}

/** One that fitted no call has the same fields as any other. */
function listedJson(listed: ListedPostback) {
  if (listed.kind === 'of_call') return { call_uuid: listed.row.call_uuid, ...postbackJson(listed.row) };
  const { row } = listed;
  return {
    call_uuid: null,
    postback_id: row.id,
    time: rfc3339(row.at),
    kind: 'set_value',
    method: row.method,
    source_address: row.source_address,
    parameters: JSON.parse(row.parameters_json),
    status: 'refused',
    reason: row.reason,
    effect: 'none',
    http_status: row.http_status,
    revenue: null,
    payout: null,
    postback_token_id: row.token_id,
    waits_for_end: false,
  };
}
