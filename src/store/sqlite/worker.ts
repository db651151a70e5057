import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { Kysely } from 'kysely';
import { migrate } from '../migrate.ts';
import type { OperationTable } from '../store.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';
import { GroupCommit } from './group-commit.ts';
import type { FromWorker, Request, ToWorker, WorkerStart } from './messages.ts';
import { openDatabase } from './open-database.ts';
import { toWire } from './wire-error.ts';

/** Operations in one transaction: enough to share an fsync, few enough to answer soon. */
const LARGEST_BATCH = 128;

const port = parentPort!;
const waiting: Request[] = [];
let closing = false;
let scheduled = false;

/** The thread that owns the database: takes whole operations, commits them in groups, answers after the commit. */
try {
  const { database, commits } = await open(workerData as WorkerStart);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'requests') waiting.push(...message.requests);
    else closing = true;
    schedule(database, commits);
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'not_opened', error: toWire(error) });
  port.close();
}

async function open({ file, operations }: WorkerStart): Promise<{ database: Database; commits: GroupCommit }> {
  const module = (await import(operations)) as { readonly operations: OperationTable };
  const database = openDatabase(file);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database) });
  await migrate(db);
  return { database, commits: new GroupCommit(database, module.operations) };
}

/** A turn of the loop lies between batches, so that whatever has arrived meanwhile joins the next one. */
function schedule(database: Database, commits: GroupCommit): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(async () => {
    if (waiting.length > 0) {
      const startedAt = performance.now();
      const answers = await commits.run(waiting.splice(0, LARGEST_BATCH));
      tell({ kind: 'answers', answers, elapsedMs: performance.now() - startedAt });
    }
    scheduled = false;
    if (waiting.length > 0) schedule(database, commits);
    else if (closing) close(database);
  });
}

function close(database: Database): void {
  database.close();
  tell({ kind: 'closed' });
  port.close();
}

function tell(message: FromWorker): void {
  port.postMessage(message);
}
