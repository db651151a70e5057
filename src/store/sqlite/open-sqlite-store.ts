import { Worker } from 'node:worker_threads';
import type { OpenStore, OperationTable, Store } from '../store.ts';
import type { WorkerStart } from './messages.ts';
import { WorkerStore } from './worker-store.ts';

/** Where the data is, and what can be done with it. */
export interface SqliteStoreOptions {
  /** Path of the database file; its folder is created if need be. */
  readonly file: string;
  /** Module that exports `operations`; the store's thread imports it. */
  readonly operations: URL;
}

/** Opens (and migrates) the database in its own thread. Rejects with one readable AppError if the file cannot be used. */
export async function openSqliteStore<Table extends OperationTable>(
  options: SqliteStoreOptions,
): Promise<OpenStore<Table>> {
  const workerData: WorkerStart = { file: options.file, operations: options.operations.href };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'store' });
  const store = new WorkerStore(worker);
  await store.opened;
  return {
    operations: operationsOf<Table>(store),
    onBatch: (listener) => store.onBatch(listener),
    close: () => store.close(),
    onFailure: (listener) => store.onFailure(listener),
  };
}

/** `operations.endCall(input)` becomes a request named `endCall`; the thread knows which there are. */
function operationsOf<Table extends OperationTable>(store: WorkerStore): Store<Table> {
  const known = new Map<string, (input: unknown) => Promise<unknown>>();
  const get = (_: object, name: string | symbol) => {
    if (typeof name !== 'string' || name === 'then') return undefined;
    let operation = known.get(name);
    if (operation === undefined) {
      operation = (input) => store.request(name, input);
      known.set(name, operation);
    }
    return operation;
  };
  return new Proxy({}, { get }) as Store<Table>;
}
