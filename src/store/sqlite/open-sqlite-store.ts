import type { OpenStore, OperationTable } from '../store.ts';

export interface SqliteStoreOptions {
  /** Path of the database file; its folder is created if need be. */
  readonly file: string;
  /** Module that exports `operations`; the store's thread imports it. */
  readonly operations: URL;
}

/** Opens (and migrates) the database in its own thread. Rejects with one readable AppError if the file cannot be used. */
export function openSqliteStore<Table extends OperationTable>(_options: SqliteStoreOptions): Promise<OpenStore<Table>> {
  throw new Error('not built yet');
}
