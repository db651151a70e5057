import { type CreateTableBuilder, type Kysely, SqliteAdapter, sql } from 'kysely';

type Kind = 'text' | 'bigint';
type Nullness = 'required' | 'optional';
type Columns = Readonly<Record<string, `${Nullness} ${Kind}`>>;

/** `createTable` with one line a column. */
export function table(
  db: Kysely<unknown>,
  name: string,
  columns: Columns,
  primaryKey: readonly string[],
): CreateTableBuilder<string, string> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, spec] of Object.entries(columns)) {
    const [nullness, kind] = spec.split(' ') as [Nullness, Kind];
    builder = builder.addColumn(column, kind, (definition) =>
      nullness === 'required' ? definition.notNull() : definition,
    );
  }
  return builder.addPrimaryKeyConstraint(`${name}_pk`, [...primaryKey]);
}

/** A table of a call's history. In SQLite its rows lie in the order of their key, so those of one call are read together. */
export function historyTable(
  db: Kysely<unknown>,
  name: string,
  columns: Columns,
  primaryKey: readonly string[],
): CreateTableBuilder<string, string> {
  const builder = table(db, name, columns, primaryKey).addForeignKeyConstraint(
    `${name}_call`,
    ['call_uuid'],
    'calls',
    ['uuid'],
    (key) => key.onDelete('cascade'),
  );
  return db.getExecutor().adapter instanceof SqliteAdapter ? builder.modifyEnd(sql`without rowid`) : builder;
}
