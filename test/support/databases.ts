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
const IN_ORDER = new URL('./operations-in-order.ts', import.meta.url);

export interface DatabaseOptions {
  /** What is asked for first is done first, also where a caller would wait for the second. */
  readonly inOrder?: true;
}

/** Every kind of database the operations run on; a test body runs once for each. */
export const databases: readonly { readonly name: string; open(options?: DatabaseOptions): Promise<TestDatabase> }[] = [
  { name: 'SQLite', open: openSqlite },
];

async function openSqlite({ inOrder }: DatabaseOptions = {}): Promise<TestDatabase> {
  const operations = inOrder === true ? IN_ORDER : OPERATIONS;
  const folder = mkdtempSync(join(tmpdir(), 'calls-'));
  const open = () => openSqliteStore<Operations>({ file: join(folder, 'calls.sqlite'), operations });
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
