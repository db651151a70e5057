import Sqlite from 'better-sqlite3';
import { type CompiledQuery, Kysely } from 'kysely';
import { operations } from '../../src/operations.ts';
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts';
import type { Tables } from '../../src/store/tables.ts';
import type { CallStore } from './databases.ts';

/** A database in this thread: a test sees its statements, and can make old on purpose what was read, as another node would. */
export function memoryDatabase() {
  const database = new Sqlite(':memory:');
  database.pragma('foreign_keys = ON');
  const queries: CompiledQuery[] = [];
  const db = new Kysely<Tables>({
    dialect: sqliteDialect(database),
    log: ({ level, query }) => {
      if (level === 'query') queries.push(query);
    },
  });
  return { database, db, queries, store: direct(db) };
}

/** The operations without a store, each with a context of its own. */
function direct(db: Kysely<Tables>): CallStore {
  const entries = Object.entries(operations).map(([name, operation]) => [
    name,
    (input: never) => operation({ db }, input),
  ]);
  return Object.fromEntries(entries) as CallStore;
}
