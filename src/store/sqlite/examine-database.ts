import { existsSync, statSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { Kysely } from 'kysely';
import { isMigrated } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';

/** What a look at a database tells. */
export interface DatabaseReport {
  readonly bytes: number;
  readonly walBytes: number;
  /** Why it cannot be used. */
  readonly problem?: string;
  /** Of an earlier version of this program. */
  readonly isOlder: boolean;
  /** Read through; false where it is too large for that. */
  readonly isWhole: boolean;
}

const LARGEST_READ_BYTES = 2 * 2 ** 30;

/** Looks, by reading alone, while others may write. Never throws. */
export async function examineDatabase(file: string): Promise<DatabaseReport> {
  const wal = `${file}-wal`;
  const sizes = { bytes: statSync(file).size, walBytes: existsSync(wal) ? statSync(wal).size : 0 };
  const isWhole = sizes.bytes <= LARGEST_READ_BYTES;
  let database: SqliteDatabase.Database | undefined;
  try {
    database = new SqliteDatabase(file, { readonly: true, timeout: 1_000 });
    const verdict = isWhole ? String(database.pragma('quick_check(1)', { simple: true })) : 'ok';
    const isNewest = await isMigrated(new Kysely<Tables>({ dialect: sqliteDialect(database) }));
    const problem = verdict === 'ok' ? {} : { problem: `it is damaged (${verdict})` };
    return { ...sizes, ...problem, isOlder: !isNewest, isWhole };
  } catch (error) {
    return { ...sizes, problem: (error as Error).message, isOlder: false, isWhole };
  } finally {
    database?.close();
  }
}
