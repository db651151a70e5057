import { type Response, Router } from 'express';
import { sendJson } from '../send-json.ts';

/** Part of the service → can it serve just now. */
export type Readiness = () => Promise<Readonly<Record<string, boolean>>>;

/** `/healthz`: the process runs. `/readyz`: it can take calls and postbacks. */
export function healthRoutes(readiness: Readiness): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => sendJson(res, 200, { status: 'ok' }));
  router.get('/readyz', async (_req, res: Response) => {
    const parts = await readiness();
    const isReady = Object.values(parts).every(Boolean);
    sendJson(res, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not_ready', parts });
  });
  return router;
}
