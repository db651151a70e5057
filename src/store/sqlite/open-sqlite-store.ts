import { Worker } from 'node:worker_threads';
import type { OpenStore, OperationTable, Store } from '../store.ts';
import type { Access, WorkerStart } from './messages.ts';
import { WorkerStore } from './worker-store.ts';

/** Where the data is, and what can be done with it. */
export interface SqliteStoreOptions {
  /** Path of the database file; its folder is created if need be. */
  readonly file: string;
  /** Module that exports `operations` (see OperationsModule); the store's threads import it. */
  readonly operations: URL;
}

/**
 * Opens (and migrates) the database in a thread that writes, and in a second one for long reading, if the operations have any.
 * Rejects with one readable AppError if the file cannot be used.
 */
export async function openSqliteStore<Table extends OperationTable>(
  options: SqliteStoreOptions,
): Promise<OpenStore<Table>> {
  const writer = startThread(options, 'write');
  const { reading } = await writer.opened;
  const reader = reading.length === 0 ? undefined : startThread(options, 'read');
  await reader?.opened;
  const isReading = new Set(reading);
  const threadFor = (operation: string) => (reader !== undefined && isReading.has(operation) ? reader : writer);
  return {
    operations: operationsOf<Table>(threadFor),
    onBatch: (listener) => writer.onBatch(listener),
    // Who closes last tidies up the write-ahead log, which takes writing.
    close: () => writer.close(reader?.close()),
    onFailure: (listener) => {
      writer.onFailure(listener);
      reader?.onFailure(listener);
    },
  };
}

function startThread({ file, operations }: SqliteStoreOptions, access: Access): WorkerStore {
  const workerData: WorkerStart = { file, access, operations: operations.href };
  const name = access === 'write' ? 'store' : 'reader';
  return new WorkerStore(new Worker(new URL('./worker.ts', import.meta.url), { workerData, name }));
}

/** `operations.endCall(input)` becomes a request named `endCall`; the thread knows which there are. */
function operationsOf<Table extends OperationTable>(threadFor: (operation: string) => WorkerStore): Store<Table> {
  const known = new Map<string, (input: unknown) => Promise<unknown>>();
  const get = (_: object, name: string | symbol) => {
    if (typeof name !== 'string' || name === 'then') return undefined;
    let operation = known.get(name);
    if (operation === undefined) {
      const thread = threadFor(name);
      operation = (input) => thread.request(name, input);
      known.set(name, operation);
    }
    return operation;
  };
  return new Proxy({}, { get }) as Store<Table>;
}
