import { type AccountDocument, ENTITY_LISTS } from '../domain/account-document.ts';
import { AppError } from '../domain/errors.ts';
import type { AccountBody } from './configuration.ts';
import { ENTITY_KINDS } from './entity-kinds.ts';
import type { OperationContext } from './store.ts';
import type { EntityRow } from './tables.ts';

/** Reads the account as it was written; undefined if there is none, or it is of the revision that is known already. */
export async function readAccount(
  { db }: OperationContext,
  { knownRevision }: { readonly knownRevision?: string | undefined },
): Promise<{ revision: string; document: AccountDocument } | undefined> {
  const row = await db.selectFrom('entities').selectAll().where('kind', '=', 'account').executeTakeFirst();
  if (row === undefined) return undefined;
  const { revision } = JSON.parse(row.body_json) as AccountBody;
  if (revision === knownRevision) return undefined;
  const rows = await db.selectFrom('entities').selectAll().where('removed_at', 'is', null).orderBy('id').execute();
  if (rows.some(({ source_json }) => source_json === null)) {
    throw new AppError(
      'account_missing',
      'the account was stored by an older version: start once with ACCOUNT_SOURCE=file',
    );
  }
  const list = (kind: EntityRow['kind']) =>
    rows.filter((each) => each.kind === kind).map(({ source_json }) => JSON.parse(source_json!));
  const lists = Object.fromEntries(ENTITY_LISTS.map((name) => [name, list(ENTITY_KINDS[name])]));
  return { revision, document: { ...JSON.parse(row.source_json!), ...lists } };
}
