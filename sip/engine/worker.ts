import { parentPort, workerData } from 'node:worker_threads';
import { startEngine } from './index.ts';
import type { FromThread, ThreadOptions, ToThread } from './thread-messages.ts';

/** The engine's thread: starts it with the options it was given and serves the thread that made it. */
async function run({ collects, ...options }: ThreadOptions): Promise<void> {
  const engine = await startEngine({
    ...options,
    ownsThread: true,
    ...(collects ? { collect: (messages) => tell({ kind: 'collected', messages }) } : {}),
    log: (level, message, fields) => tell({ kind: 'log', level, message, fields }),
  });
  parentPort?.on('message', async (message: ToThread) => {
    if (message.kind === 'stats') tell({ kind: 'stats', stats: engine.stats() });
    else if (message.kind === 'trace') engine.trace(message.text);
    else if (message.kind === 'know sources') engine.knowSources(message.sources);
    else {
      await engine.close();
      parentPort?.close();
    }
  });
  // Whatever slips past the guards of messages, commands and timers: the calls that are up go on.
  process.on('uncaughtException', (err) =>
    tell({ kind: 'log', level: 'error', message: 'unexpected failure', fields: { err } }),
  );
  const { listeningPoints, controlPort } = engine;
  tell({ kind: 'ready', listeningPoints, controlPort });
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

await run(workerData as ThreadOptions);
