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
 * Opens (and migrates) the database in a thread that writes; a second one, for long reading, begins when it is first asked.
 * Rejects with one readable AppError if the file cannot be used.
 */
export async function openSqliteStore<Table extends OperationTable>(
  options: SqliteStoreOptions,
): Promise<OpenStore<Table>> {
  const writer = startThread(options, 'write');
  const { reading } = await writer.opened;
  const isReading = new Set(reading);
  let reader: WorkerStore | undefined;
  let isClosed = false;
  const threadFor = (operation: string) => {
    if (!isReading.has(operation) || (isClosed && reader === undefined)) return writer;
    reader ??= startReader(options, () => {
      reader = undefined;
    });
    return reader;
  };
  return {
    operations: operationsOf<Table>(threadFor),
    onBatch: (listener) => writer.onBatch(listener),
    // Who closes last tidies up the write-ahead log, which takes writing.
    close: () => {
      isClosed = true;
      return writer.close(reader?.close());
    },
    onFailure: (listener) => writer.onFailure(listener),
  };
}

/** No call depends on it: whoever asked it hears when it ends, and who asks next gets a new one. */
function startReader(options: SqliteStoreOptions, onEnd: () => void): WorkerStore {
  const reader = startThread(options, 'read');
  reader.opened.catch(() => undefined);
  reader.onFailure(onEnd);
  return reader;
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
      operation = (input) => threadFor(name).request(name, input);
      known.set(name, operation);
    }
    return operation;
  };
  return new Proxy({}, { get }) as Store<Table>;
}
