import { Router } from 'express';
import type { listChanges } from '../../access/changes.ts';
import type { Store } from '../../store/store.ts';
import type { ChangeRow } from '../../store/tables.ts';
import { rfc3339 } from '../json/rfc3339.ts';
import { pageLength, pageStart } from '../page-query.ts';
import { sendJson } from '../send-json.ts';

export interface ChangeRouteDeps {
  readonly store: Store<{ listChanges: typeof listChanges }>;
}

/** `/changes`: who changed what, newest first. */
export function changeRoutes({ store }: ChangeRouteDeps): Router {
  const router = Router();
  router.get('/changes', async (req, res) => {
    const { changes, next } = await store.listChanges({ limit: pageLength(req), before: pageStart(req) });
    sendJson(res, 200, { changes: changes.map(changeJson), next: next ?? null });
  });
  return router;
}

function changeJson(row: ChangeRow) {
  return {
    change_id: row.id,
    time: rfc3339(row.at),
    actor: row.actor,
    source_address: row.source_address,
    action: row.action,
    detail: JSON.parse(row.detail_json) as unknown,
    http_status: row.http_status,
  };
}
