import { existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { Kysely } from 'kysely';
import { AppError } from '../../domain/errors.ts';
import { isMigrated } from '../migrate.ts';
import type { Operation } from '../store.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';

/** A database that others may be writing to at this moment. */
export interface ReadableDatabase {
  /** Runs an operation that only reads. */
  read<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output>;
  close(): void;
}

const BUSY_TIMEOUT_MS = 5_000;

/** Opens the file for reading alone, in this thread; undefined if there is none. Throws AppError `store_file_unusable`. */
export async function readDatabase(file: string): Promise<ReadableDatabase | undefined> {
  if (!existsSync(file)) return undefined;
  let database: SqliteDatabase.Database | undefined;
  try {
    database = new SqliteDatabase(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    const db = new Kysely<Tables>({ dialect: sqliteDialect(database) });
    if (!(await isMigrated(db))) throw unusable(file, 'it is of an older version. Start the service once, or choose');
    const opened = database;
    return {
      read: (operation, input) => operation({ db }, input),
      close: () => void opened.close(),
    };
  } catch (error) {
    database?.close();
    if (error instanceof AppError) throw error;
    throw unusable(file, `${(error as Error).message}. Restore it from a backup, or choose`, error);
  }
}

function unusable(file: string, why: string, cause?: unknown): AppError {
  return new AppError('store_file_unusable', `the database ${file} cannot be read: ${why} another DATA_DIR`, { cause });
}
