import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { AppError } from '../../domain/errors.ts';

const FILE_MODE = 0o600;
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Copies a database as it is at this moment, while others write to it: one snapshot, none of them waits. The copy is checked,
 * on disk and private before it has its name. `onStep` is told what comes next. Throws AppError `store_file_unusable`.
 */
export function copyDatabase(
  from: string,
  to: string,
  onStep: (step: 'copy' | 'check') => void = () => undefined,
): void {
  const draft = `${to}.part`;
  rmSync(draft, { force: true });
  try {
    onStep('copy');
    snapshot(from, draft);
    onStep('check');
    checkDatabase(draft);
    sync(draft);
    chmodSync(draft, FILE_MODE);
    renameSync(draft, to);
    sync(dirname(to));
  } catch (error) {
    rmSync(draft, { force: true });
    if (error instanceof AppError) throw error;
    const reason = (error as Error).message;
    throw new AppError('store_file_unusable', `${from} cannot be copied to ${to}: ${reason}`, { cause: error });
  }
}

/** A copy page by page would begin anew with each change (sqlite3_backup_step); VACUUM INTO reads within one transaction. */
function snapshot(from: string, to: string): void {
  const database = new SqliteDatabase(from, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    database.prepare('vacuum into ?').run(to);
  } finally {
    database.close();
  }
}

/** Reads the whole file. */
function checkDatabase(file: string): void {
  const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true });
  try {
    const verdict = String(database.pragma('integrity_check(1)', { simple: true }));
    if (verdict !== 'ok') throw new AppError('store_file_unusable', `${file} is damaged: ${verdict}`);
  } finally {
    database.close();
  }
}

/** True while another process has the database open: in WAL mode each holds a lock on it for as long. */
export function isInUse(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new SqliteDatabase(file, { fileMustExist: true, timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin exclusive; rollback');
    return false;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return true;
    throw error;
  } finally {
    database.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
