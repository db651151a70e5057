import { type Principal, type Role, SCOPES_OF_ROLE, type Scope } from '../domain/access.ts';
import { AppError } from '../domain/errors.ts';
import { newUuid } from '../domain/ids.ts';
import { readConfiguration } from '../store/configuration.ts';
import { insertRow } from '../store/insert-row.ts';
import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';
import type { ApiTokenRow } from '../store/tables.ts';

export interface CreateApiTokenInput {
  readonly name: string;
  readonly role: Role;
  /** All of the role's when undefined. */
  readonly scopes: readonly Scope[] | undefined;
  readonly publisherId: string | undefined;
  readonly grants: readonly string[];
  readonly tokenHash: string;
  readonly createdBy: string;
  readonly expiresAt: number | undefined;
  readonly now: number;
}

/** Throws AppError for a scope beyond the role, or a publisher that is not in the account. */
export async function createApiToken(context: OperationContext, input: CreateApiTokenInput): Promise<ApiTokenRow> {
  const { role, publisherId, scopes = SCOPES_OF_ROLE[role] } = input;
  const beyond = scopes.find((scope) => !SCOPES_OF_ROLE[role].includes(scope));
  if (beyond !== undefined) throw new AppError('scope_beyond_role', `a token of role ${role} cannot have ${beyond}`);
  if ((role === 'publisher') !== (publisherId !== undefined)) {
    throw new AppError('publisher_unknown', 'name the publisher for the role publisher, and for no other');
  }
  const { publishers } = await readConfiguration(context);
  if (publisherId !== undefined && !publishers.has(publisherId)) {
    throw new AppError('publisher_unknown', `there is no publisher ${publisherId}`);
  }
  const row: ApiTokenRow = {
    id: newUuid(input.now),
    name: input.name,
    role,
    scopes_json: JSON.stringify(scopes),
    publisher_id: publisherId ?? null,
    grants_json: JSON.stringify(input.grants),
    token_hash: input.tokenHash,
    created_at: input.now,
    created_by: input.createdBy,
    expires_at: input.expiresAt ?? null,
    revoked_at: null,
    last_used_at: null,
  };
  await insertRow(context, 'api_tokens', row);
  return row;
}

const byHash = statement<{ hash: string }>()((db, value) =>
  db.selectFrom('api_tokens').selectAll().where('token_hash', '=', value.hash),
);
const setLastUse = statement<{ id: string; now: number }>()((db, value) =>
  db.updateTable('api_tokens').set({ last_used_at: value.now }).where('id', '=', value.id),
);

const HOUR_MS = 3_600_000;

/** Whose token that is; undefined if it is nobody's, expired or revoked. Its use is noted once an hour. */
export async function findPrincipal(
  context: OperationContext,
  { tokenHash, now }: { readonly tokenHash: string; readonly now: number },
): Promise<Principal | undefined> {
  const row = await byHash.first(context, { hash: tokenHash });
  if (row === undefined || !isGood(row, now)) return undefined;
  if (row.last_used_at === null || now - row.last_used_at >= HOUR_MS)
    await setLastUse.run(context, { id: row.id, now });
  const { id, role, publisher_id: publisherId } = row;
  const grants = JSON.parse(row.grants_json) as string[];
  return {
    id,
    name: `${row.name} (token ${id.slice(-8)})`,
    role,
    scopes: new Set(JSON.parse(row.scopes_json) as Scope[]),
    publisher: publisherId === null ? undefined : { publisherId, grants },
  };
}

function isGood({ revoked_at, expires_at }: ApiTokenRow, now: number): boolean {
  return revoked_at === null && (expires_at === null || now < expires_at);
}

/** All there ever were, oldest first. */
export function listApiTokens({ db }: OperationContext): Promise<ApiTokenRow[]> {
  return db.selectFrom('api_tokens').selectAll().orderBy('id').execute();
}

/** From now on it opens nothing. Throws AppError if there is none. */
export async function revokeApiToken(
  { db }: OperationContext,
  { id, now }: { readonly id: string; readonly now: number },
): Promise<ApiTokenRow> {
  const row = await db.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new AppError('api_token_unknown', `there is no API token ${id}`);
  const revoked_at = row.revoked_at ?? now;
  await db.updateTable('api_tokens').set({ revoked_at }).where('id', '=', id).execute();
  return { ...row, revoked_at };
}
