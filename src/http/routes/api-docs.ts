import { Router } from 'express';
import { openApiDocument } from '../openapi/document.ts';
import { apiDocsPage } from '../pages/api-docs-page.ts';
import { sendJson } from '../send-json.ts';
import { sendPage } from '../send-page.ts';

/** `/docs` and `/openapi.json`: what the API can do; nothing of the account, so everybody may read it. */
export function apiDocsRoutes(): Router {
  const router = Router();
  router.get('/openapi.json', (_req, res) => sendJson(res, 200, openApiDocument()));
  router.get('/docs', (_req, res) => sendPage(res, (nonce) => apiDocsPage(openApiDocument(), nonce)));
  return router;
}
