import type { Account } from '../domain/account.ts';
import { type AccountDocument, ENTITY_LISTS, idOfEntity, settingsOf } from '../domain/account-document.ts';
import { AppError } from '../domain/errors.ts';
import { newUuid } from '../domain/ids.ts';
import { withoutSecrets } from '../domain/masked.ts';
import { type Actor, addChange } from '../store/change-rows.ts';
import { ACCOUNT_ROW_ID, type AccountBody } from '../store/configuration.ts';
import { ENTITY_KINDS } from '../store/entity-kinds.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { EntityRow } from '../store/tables.ts';

/** A whole account: what is not in it is gone. */
export interface ApplyAccountInput {
  readonly account: Account;
  /** What was written for it, with the same things in its lists. */
  readonly document?: AccountDocument | undefined;
  /** Refused if it is of another revision by now. */
  readonly expectedRevision?: string | undefined;
  /** Who changes it; the start of the service with an account file that has not changed is nobody's. */
  readonly actor?: Actor | undefined;
  readonly now: number;
}

export interface AppliedAccount {
  /** Rows that had to be written. */
  readonly changed: number;
  readonly revision: string;
}

/** A row as the account wants it. */
type Wanted = Pick<EntityRow, 'kind' | 'id' | 'body_json' | 'source_json'>;

/** More than so many are written down without what they were and are. */
const MOST_DETAILED = 100;

/** Writes the configuration as rows: new and changed ones, and those that are gone as removed. Throws AppError `account_moved`. */
export async function applyAccount(context: OperationContext, input: ApplyAccountInput): Promise<AppliedAccount> {
  const { now } = input;
  const rows = await context.db.selectFrom('entities').selectAll().execute();
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  const accountRow = known.get(`account ${ACCOUNT_ROW_ID}`);
  const revision = accountRow === undefined ? undefined : (JSON.parse(accountRow.body_json) as AccountBody).revision;
  if (input.expectedRevision !== undefined && input.expectedRevision !== revision) {
    throw new AppError('account_moved', 'the account was changed by somebody else meanwhile: read it again');
  }
  const differences: Difference[] = [];
  for (const wanted of entitiesOf(input)) {
    const row = known.get(keyOf(wanted));
    known.delete(keyOf(wanted));
    if (row !== undefined && isAsWanted(row, wanted)) continue;
    await put(context, row, { ...wanted, updated_at: now, removed_at: null });
    differences.push({ before: row?.removed_at === null ? row : undefined, after: wanted });
  }
  for (const row of known.values()) {
    if (row.kind === 'account' || row.removed_at !== null) continue;
    await put(context, row, { ...row, removed_at: now, updated_at: now });
    differences.push({ before: row, after: undefined });
  }
  return finish(context, input, { accountRow, revision, differences });
}

interface Difference {
  readonly before: Wanted | undefined;
  readonly after: Wanted | undefined;
}

/** A new revision tells every reader that what it has parsed is old. */
async function finish(
  context: OperationContext,
  { account, document, actor, now }: ApplyAccountInput,
  found: { accountRow: EntityRow | undefined; revision: string | undefined; differences: readonly Difference[] },
): Promise<AppliedAccount> {
  const { accountRow, differences } = found;
  const settings = document === undefined ? null : JSON.stringify(settingsOf(document));
  const before = accountRow && (JSON.parse(accountRow.body_json) as AccountBody);
  const isSame = before?.currency === account.currency && accountRow?.source_json === settings;
  if (differences.length === 0 && isSame && found.revision !== undefined) {
    return { changed: 0, revision: found.revision };
  }
  const revision = newUuid(now);
  const body: AccountBody = { currency: account.currency, revision };
  const wanted = {
    kind: 'account',
    id: ACCOUNT_ROW_ID,
    body_json: JSON.stringify(body),
    source_json: settings,
  } as const;
  await put(context, accountRow, { ...wanted, updated_at: now, removed_at: null });
  const all = isSame ? differences : [{ before: accountRow, after: wanted }, ...differences];
  if (actor !== undefined) await addChange(context, { actor, action: 'account', detail: detailOf(all), now });
  return { changed: differences.length, revision };
}

function detailOf(differences: readonly Difference[]): unknown {
  const written = (row: Wanted | undefined) =>
    row === undefined ? null : withoutSecrets(JSON.parse(row.source_json ?? row.body_json));
  return differences.map(({ before, after }) => {
    const { kind = '', id = '' } = after ?? before ?? {};
    const what = { kind, id, change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed' };
    return differences.length > MOST_DETAILED ? what : { ...what, before: written(before), after: written(after) };
  });
}

function keyOf({ kind, id }: Pick<EntityRow, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

function entitiesOf({ account, document }: ApplyAccountInput): Wanted[] {
  return ENTITY_LISTS.flatMap((list) => {
    const written = new Map((document?.[list] ?? []).map((each) => [idOfEntity(list, each), each]));
    return account[list].map((body) => {
      const id = 'number' in body ? body.number : body.id;
      const source = written.get(id);
      const source_json = source === undefined ? null : JSON.stringify(source);
      return { kind: ENTITY_KINDS[list], id, body_json: JSON.stringify(body), source_json };
    });
  });
}

/** What is written is kept, unless the account comes without. */
function isAsWanted(row: EntityRow, wanted: Wanted): boolean {
  const isWritten = wanted.source_json === null || row.source_json === wanted.source_json;
  return row.body_json === wanted.body_json && row.removed_at === null && isWritten;
}

async function put(context: OperationContext, known: EntityRow | undefined, row: EntityRow): Promise<void> {
  if (known === undefined) return insertRow(context, 'entities', row);
  const { kind, id, body_json, source_json, updated_at, removed_at } = row;
  await context.db
    .updateTable('entities')
    .set({ body_json, source_json, updated_at, removed_at })
    .where('kind', '=', kind)
    .where('id', '=', id)
    .execute();
}
