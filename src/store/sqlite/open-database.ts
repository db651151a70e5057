import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { AppError } from '../../domain/errors.ts';

/** Calls and money: for this program's user alone. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

const BUSY_TIMEOUT_MS = 5_000;
/** Reading a larger file through at every start would delay calls; SQLite still finds damage where it meets it. */
const LARGEST_CHECKED_BYTES = 256 * 1024 * 1024;

/** Opens or creates the file. Throws AppError `store_file_unusable` with one readable sentence. */
export function openDatabase(file: string): Database {
  let database: Database | undefined;
  try {
    createPrivately(file);
    database = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT_MS });
    configure(database);
    checkIntegrity(database, file);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof AppError) throw error;
    throw unusable(file, (error as Error).message, error);
  }
}

/** A second connection to a file that this program has open for writing. Throws as `openDatabase`. */
export function openForReading(file: string): Database {
  try {
    const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    database.pragma('cache_size = -16384');
    database.pragma('temp_store = MEMORY');
    return database;
  } catch (error) {
    throw unusable(file, (error as Error).message, error);
  }
}

/** The WAL beside it inherits the mode of the file. */
function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE });
  closeSync(openSync(file, 'a', FILE_MODE));
  chmodSync(file, FILE_MODE);
}

/** 64 MB of 4 KB pages: under load the same pages change again and again before they are copied into the file. */
const WAL_PAGES = 16_000;

/** FULL: a commit has reached the disk when it returns; what we acknowledge survives a power cut. */
function configure(database: Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
  database.pragma('cache_size = -65536');
  database.pragma('temp_store = MEMORY');
}

function checkIntegrity(database: Database, file: string): void {
  if (statSync(file).size > LARGEST_CHECKED_BYTES) return;
  const verdict = database.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw unusable(file, `it is damaged (${String(verdict)})`);
}

function unusable(file: string, why: string, cause?: unknown): AppError {
  const message = `the database ${file} cannot be used: ${why}. Restore it from a backup, or choose another DATA_DIR`;
  return new AppError('store_file_unusable', message, { cause });
}
