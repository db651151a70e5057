import Sqlite from 'better-sqlite3';
import { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertRow } from '../../src/store/insert-row.ts';
import { migrate } from '../../src/store/migrate.ts';
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts';
import { statement } from '../../src/store/statement.ts';
import type { OperationContext } from '../../src/store/store.ts';
import type { Tables } from '../../src/store/tables.ts';

describe('statement', () => {
  const database = new Sqlite(':memory:');
  let context: OperationContext;
  let built = 0;

  const nodesSince = statement<{ since: number }>()((db, value) => {
    built += 1;
    return db.selectFrom('nodes').select('id').where('alive_at', '>=', value.since).orderBy('id');
  });
  const rename = statement<{ from: string; to: string }>()((db, value) =>
    db.updateTable('nodes').set({ id: value.to }).where('id', '=', value.from),
  );

  beforeEach(async () => {
    context = { db: new Kysely<Tables>({ dialect: sqliteDialect(database) }) };
    await migrate(context.db);
    for (const [id, at] of [['a', 1] as const, ['b', 2] as const]) {
      await insertRow(context, 'nodes', { id, alive_at: at });
    }
  });
  afterEach(() => {
    database.exec('delete from nodes');
  });

  it('is built once for a database, and runs with the values of each call', async () => {
    built = 0;
    expect(await nodesSince.all(context, { since: 1 })).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(await nodesSince.all({ db: context.db }, { since: 2 })).toEqual([{ id: 'b' }]);
    expect(await nodesSince.first(context, { since: 3 })).toBeUndefined();
    expect(built).toBe(1);
  });

  it('answers how many rows it changed', async () => {
    expect(await rename.run(context, { from: 'a', to: 'c' })).toBe(1);
    expect(await rename.run(context, { from: 'a', to: 'd' })).toBe(0);
  });

  it('migrating again changes nothing', async () => {
    await migrate(context.db);
    expect(await nodesSince.all(context, { since: 0 })).toHaveLength(2);
  });
});
