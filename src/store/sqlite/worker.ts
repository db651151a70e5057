import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { Kysely } from 'kysely';
import { migrate } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';
import { GroupCommit } from './group-commit.ts';
import type { FromWorker, OperationsModule, ToWorker, WorkerStart } from './messages.ts';
import { openDatabase, openForReading } from './open-database.ts';
import { RequestQueue } from './request-queue.ts';
import { toWire } from './wire-error.ts';

const port = parentPort!;
let closing = false;
let scheduled = false;

/** A thread of the store, the one that writes or the one that reads: takes whole operations, commits them in groups, answers after the commit. */
try {
  const { database, commits, queue, priorities } = await open(workerData as WorkerStart);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'requests') queue.push(message.requests);
    else closing = true;
    schedule(database, commits, queue);
  });
  tell({ kind: 'ready', priorities });
} catch (error) {
  tell({ kind: 'not_opened', error: toWire(error) });
  port.close();
}

async function open({ file, operations, access }: WorkerStart) {
  const module = (await import(operations)) as OperationsModule;
  const database = access === 'write' ? openDatabase(file) : openForReading(file);
  if (access === 'write') await migrate(new Kysely<Tables>({ dialect: sqliteDialect(database) }));
  const { operations: table, urgent = [], patient = [], reading = [] } = module;
  return {
    database,
    commits: new GroupCommit(database, table, access),
    queue: new RequestQueue(urgent),
    priorities: { urgent, patient, reading },
  };
}

/** A turn of the loop lies between batches, so that whatever has arrived meanwhile joins the next one. */
function schedule(database: Database, commits: GroupCommit, queue: RequestQueue): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(async () => {
    if (queue.length > 0) await runBatch(commits, queue);
    scheduled = false;
    if (queue.length > 0) schedule(database, commits, queue);
    else if (closing) close(database);
  });
}

async function runBatch(commits: GroupCommit, queue: RequestQueue): Promise<void> {
  const startedAt = performance.now();
  const { requests, mustRun } = queue.take();
  const { answers, left } = await commits.run(requests, mustRun);
  queue.putBack(left);
  tell({ kind: 'answers', answers, elapsedMs: performance.now() - startedAt });
}

function close(database: Database): void {
  database.close();
  tell({ kind: 'closed' });
  port.close();
}

function tell(message: FromWorker): void {
  port.postMessage(message);
}
