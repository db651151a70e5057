// Loaded into the service before it starts (NODE_OPTIONS=--import): ends one of its threads when told by a signal.
import { syncBuiltinESMExports } from 'node:module';
import threads, { isMainThread, Worker, type WorkerOptions } from 'node:worker_threads';

/** The thread that SIGWINCH ends. */
const victim = process.env['KILLED_THREAD'];

class KillableWorker extends Worker {
  constructor(url: string | URL, options: WorkerOptions = {}) {
    super(url, options);
    if (options.name === victim) process.once('SIGWINCH', () => void this.terminate());
  }
}

if (isMainThread) {
  threads.Worker = KillableWorker;
  syncBuiltinESMExports();
}
