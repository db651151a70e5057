import type { Account } from '../domain/account.ts';
import { newUuid } from '../domain/ids.ts';
import { ACCOUNT_ROW_ID, type AccountBody } from '../store/configuration.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { EntityRow } from '../store/tables.ts';

/** A whole account: what is not in it is gone. */
export interface ApplyAccountInput {
  readonly account: Account;
  readonly now: number;
}

/** A row as the account wants it. */
type Wanted = Pick<EntityRow, 'kind' | 'id' | 'body_json'>;

/** Writes the configuration as rows: new and changed ones, and those that are gone as removed. */
export async function applyAccount(
  context: OperationContext,
  { account, now }: ApplyAccountInput,
): Promise<{ changed: number }> {
  const rows = await context.db.selectFrom('entities').selectAll().execute();
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  let changed = 0;
  for (const wanted of entitiesOf(account)) {
    if (await put(context, known.get(keyOf(wanted)), wanted, now)) changed += 1;
    known.delete(keyOf(wanted));
  }
  for (const row of known.values()) {
    if (row.kind !== 'account' && row.removed_at === null) {
      await update(context, { ...row, removed_at: now, updated_at: now });
      changed += 1;
    }
  }
  await putAccountRow(context, known.get(`account ${ACCOUNT_ROW_ID}`), account.currency, { changed, now });
  return { changed };
}

function keyOf({ kind, id }: Pick<EntityRow, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

function entitiesOf(account: Account): Wanted[] {
  const of = <Body>(kind: EntityRow['kind'], bodies: readonly Body[], id: (body: Body) => string): Wanted[] =>
    bodies.map((body) => ({ kind, id: id(body), body_json: JSON.stringify(body) }));
  return [
    ...of('carrier', account.carriers, ({ id }) => id),
    ...of('gateway', account.gateways, ({ id }) => id),
    ...of('publisher', account.publishers, ({ id }) => id),
    ...of('buyer', account.buyers, ({ id }) => id),
    ...of('campaign', account.campaigns, ({ id }) => id),
    ...of('number', account.numbers, ({ number }) => number),
  ];
}

/** True if the row had to be written. */
async function put(
  context: OperationContext,
  known: EntityRow | undefined,
  wanted: Wanted,
  now: number,
): Promise<boolean> {
  if (known?.body_json === wanted.body_json && known.removed_at === null) return false;
  const row = { ...wanted, updated_at: now, removed_at: null };
  if (known === undefined) await insertRow(context, 'entities', row);
  else await update(context, row);
  return true;
}

/** A new revision tells every reader that what it has parsed is old. */
async function putAccountRow(
  context: OperationContext,
  known: EntityRow | undefined,
  currency: string,
  { changed, now }: { readonly changed: number; readonly now: number },
): Promise<void> {
  const before = known === undefined ? undefined : (JSON.parse(known.body_json) as AccountBody);
  if (changed === 0 && before?.currency === currency) return;
  const body: AccountBody = { currency, revision: newUuid(now) };
  await put(context, known, { kind: 'account', id: ACCOUNT_ROW_ID, body_json: JSON.stringify(body) }, now);
}

async function update({ db }: OperationContext, row: EntityRow): Promise<void> {
  const { kind, id, body_json, updated_at, removed_at } = row;
  await db
    .updateTable('entities')
    .set({ body_json, updated_at, removed_at })
    .where('kind', '=', kind)
    .where('id', '=', id)
    .execute();
}
