import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';

/** The database as a dead process left it, to be looked at while the next one goes on with the original. */
export interface CrashImage extends Disposable {
  readonly database: SqliteDatabase;
}

const FILES = ['bridge.sqlite', 'bridge.sqlite-wal'];

/** Copies file and write-ahead log; opening the copy recovers it as the next start will. */
export function takeCrashImage(dataFolder: string): CrashImage | undefined {
  if (!existsSync(join(dataFolder, FILES[0]!))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  for (const name of FILES) {
    if (existsSync(join(dataFolder, name))) copyFileSync(join(dataFolder, name), join(folder, name));
  }
  const database = new Database(join(folder, FILES[0]!));
  return {
    database,
    [Symbol.dispose]: () => {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
