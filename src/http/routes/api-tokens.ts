import { Router } from 'express';
import { z } from 'zod';
import type { createApiToken, listApiTokens, revokeApiToken } from '../../access/api-tokens.ts';
import type { Clock } from '../../clock.ts';
import { ROLES, SCOPES } from '../../domain/access.ts';
import { hashOfToken, newApiToken } from '../../domain/api-token.ts';
import type { Store } from '../../store/store.ts';
import type { ApiTokenRow } from '../../store/tables.ts';
import { principalOf } from '../access/authenticate.ts';
import { rfc3339 } from '../json/rfc3339.ts';
import { readJsonBody } from '../json-body.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface ApiTokenDeps {
  readonly store: Store<{
    createApiToken: typeof createApiToken;
    listApiTokens: typeof listApiTokens;
    revokeApiToken: typeof revokeApiToken;
  }>;
  readonly clock: Clock;
}

export const apiTokenBody = z.strictObject({
  name: z
    .string('say whose it is')
    .trim()
    .min(1, 'say whose it is')
    .max(64, 'at most 64 characters')
    .describe('whose it is, for the log of changes'),
  role: z.enum(ROLES, `write ${ROLES.join(', ')}`).describe('what it may do at most'),
  scopes: z
    .array(z.enum(SCOPES, `write ${SCOPES.join(', ')}`))
    .min(1, 'name one, or leave it out')
    .optional(),
  publisher_id: z.string().optional().describe('with the role publisher: whose calls it sees'),
  grants: z
    .array(z.string().min(1).max(64))
    .max(100)
    .default([])
    .describe('with the role publisher: names of tags it sees, and caller_number'),
  expires_at: z.iso
    .datetime({ offset: true, message: 'write a time like 2027-03-01T12:00:00Z' })
    .transform((text) => Date.parse(text))
    .optional()
    .describe('from then on it opens nothing; never when left out'),
});

/** `/api-tokens`: who else may use the API. */
export function apiTokenRoutes({ store, clock }: ApiTokenDeps): Router {
  const router = Router();
  router.get('/api-tokens', async (_req, res) => {
    sendJson(res, 200, { api_tokens: (await store.listApiTokens({})).map(apiTokenJson) });
  });
  router.post('/api-tokens', async (req, res) => {
    const { name, role, scopes, publisher_id: publisherId, grants, expires_at } = await readJsonBody(req, apiTokenBody);
    const now = clock.now();
    if (expires_at !== undefined && expires_at <= now) {
      throw new HttpProblem('fields_invalid', 'expires_at: write a time that is still to come');
    }
    const token = newApiToken();
    const row = await store.createApiToken({
      ...{ name, role, scopes, publisherId, grants, expiresAt: expires_at, now },
      ...{ tokenHash: hashOfToken(token), createdBy: principalOf(res).name },
    });
    sendJson(res, 201, { ...apiTokenJson(row), token_shown_once: token });
  });
  router.delete('/api-tokens/:id', async (req, res) => {
    sendJson(res, 200, apiTokenJson(await store.revokeApiToken({ id: req.params.id, now: clock.now() })));
  });
  return router;
}

function apiTokenJson(row: ApiTokenRow) {
  return {
    api_token_id: row.id,
    name: row.name,
    role: row.role,
    scopes: JSON.parse(row.scopes_json) as string[],
    publisher_id: row.publisher_id,
    grants: JSON.parse(row.grants_json) as string[],
    created_time: rfc3339(row.created_at),
    created_by: row.created_by,
    expires_time: rfc3339(row.expires_at),
    revoked_time: rfc3339(row.revoked_at),
    last_used_time: rfc3339(row.last_used_at),
  };
}
