import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore, Store } from '../../src/store/store.ts';

export type CallStore = Store<Operations>;

/** A database of its own for one test file. */
export interface TestDatabase {
  readonly store: CallStore;
  /** Opens the same data again, as a new process would. */
  reopen(): Promise<CallStore>;
  remove(): Promise<void>;
}

const OPERATIONS = new URL('../../src/operations.ts', import.meta.url);

/** Every kind of database the operations run on; a test body runs once for each. */
export const databases: readonly { readonly name: string; open(): Promise<TestDatabase> }[] = [
  { name: 'SQLite', open: openSqlite },
];

async function openSqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'calls-'));
  const open = () => openSqliteStore<Operations>({ file: join(folder, 'calls.sqlite'), operations: OPERATIONS });
  let current: OpenStore<Operations> = await open();
  return {
    store: current.operations,
    async reopen() {
      await current.close();
      current = await open();
      return current.operations;
    },
    async remove() {
      await current.close();
      rmSync(folder, { recursive: true });
    },
  };
}
