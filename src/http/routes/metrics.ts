import { type RequestHandler, Router } from 'express';
import { requireScope } from '../access/guard.ts';

/** All figures, as Prometheus reads them. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** `/metrics`, for whoever has `metrics:read`: figures tell how much is sold. */
export function metricsRoutes(auth: RequestHandler, source: MetricsSource): Router {
  const router = Router();
  router.get('/metrics', auth, async (_req, res) => {
    requireScope(res, 'metrics:read');
    const text = await source.metrics();
    res.type(source.contentType).send(text);
  });
  return router;
}
