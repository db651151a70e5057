import { existsSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { AppError } from '../domain/errors.ts';

/** Opens the file for reading alone, also while the service runs. Throws AppError `store_file_unusable`. */
export function openForAudit(file: string): Database {
  if (!existsSync(file)) throw unusable(file, 'it is not there: set DATA_DIR to the folder of the service');
  let database: Database | undefined;
  try {
    database = new SqliteDatabase(file, { readonly: true, timeout: 5_000 });
    database.prepare('select kind from ledger limit 1').get();
    return database;
  } catch (error) {
    database?.close();
    const why = (error as Error).message;
    const remedy = /no such (table|column)/.test(why) ? 'start the service once, it brings the file up to date' : why;
    throw unusable(file, remedy, error);
  }
}

function unusable(file: string, why: string, cause?: unknown): AppError {
  return new AppError('store_file_unusable', `${file} cannot be audited: ${why}`, { cause });
}
