import { type Statement, statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { Tables } from './tables.ts';

const inserts = new Map<string, Statement<object, unknown>>();

/** Adds a complete row. One statement per table: every row of a table has all its columns. */
export async function insertRow<Name extends keyof Tables>(
  context: OperationContext,
  table: Name,
  row: Tables[Name],
): Promise<void> {
  let insert = inserts.get(table);
  if (insert === undefined) {
    insert = insertInto(table, Object.keys(row));
    inserts.set(table, insert);
  }
  await insert.run(context, row);
}

function insertInto(table: keyof Tables, columns: readonly string[]): Statement<object, unknown> {
  return statement<Record<string, string>>()((db, value) => {
    const row = Object.fromEntries(columns.map((column) => [column, value[column]]));
    return db.insertInto(table).values(row as never);
  });
}
