import { Worker } from 'node:worker_threads';
import type { EngineOptions, EngineStats } from './options.ts';
import type { FromThread, ThreadOptions, ToThread } from './thread-messages.ts';
import type { Log } from './transaction/log.ts';
import type { KnownSources } from './transport/receive/source-gate.ts';
import type { ListeningPoint } from './transport/transport.ts';

export interface EngineThreadHandle {
  readonly listeningPoints: readonly ListeningPoint[];
  readonly controlPort: number;
  stats(): Promise<EngineStats>;
  /** See `EngineHandle.trace`. */
  trace(text: string | undefined): void;
  /** See `EngineHandle.knowSources`; what is no network is logged there, and the sources known before stay. */
  knowSources(sources: KnownSources | undefined): void;
  close(): Promise<void>;
  /** Called once when the thread is gone; with the reason unless it was closed. */
  onExit(listener: (error?: Error) => void): void;
}

/**
 * Semi-spaces of 16 MB. What a transaction keeps lives for 32 s and is copied by every collection it is young in: in
 * larger ones that takes longer at a time, in smaller ones more time in all.
 */
const YOUNG_GENERATION_MB = 48;

/** Starts the engine in a thread of its own, so that nothing the rest of the process does delays SIP. */
export async function startEngineThread(options: EngineOptions): Promise<EngineThreadHandle> {
  const { log, collect, ...rest } = options;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'engine',
    workerData: { ...rest, collects: collect !== undefined } satisfies ThreadOptions,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const thread = new EngineThread(worker, log ?? (() => {}), collect ?? (() => {}));
  await thread.started;
  return thread;
}

class EngineThread implements EngineThreadHandle {
  listeningPoints: readonly ListeningPoint[] = [];
  controlPort = 0;
  readonly started: Promise<void>;
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #collect: NonNullable<EngineOptions['collect']>;
  readonly #statsWaiters: PromiseWithResolvers<EngineStats>[] = [];
  readonly #exited = Promise.withResolvers<Error | undefined>();
  readonly #starting = Promise.withResolvers<void>();
  #failure: Error | undefined;
  #isClosing = false;

  constructor(worker: Worker, log: Log, collect: NonNullable<EngineOptions['collect']>) {
    this.#worker = worker;
    this.#log = log;
    this.#collect = collect;
    this.started = this.#starting.promise;
    worker.on('message', (message: FromThread) => this.#onMessage(message));
    worker.on('error', (error) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => this.#onExit());
  }

  stats(): Promise<EngineStats> {
    const waiter = Promise.withResolvers<EngineStats>();
    this.#statsWaiters.push(waiter);
    this.#tell({ kind: 'stats' });
    return waiter.promise;
  }

  trace(text: string | undefined): void {
    this.#tell({ kind: 'trace', text });
  }

  knowSources(sources: KnownSources | undefined): void {
    this.#tell({ kind: 'know sources', sources });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#tell({ kind: 'close' });
    await this.#exited.promise;
  }

  onExit(listener: (error?: Error) => void): void {
    this.#exited.promise.then((error) => listener(error));
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromThread): void {
    if (message.kind === 'log') this.#log(message.level, message.message, message.fields);
    else if (message.kind === 'collected') this.#collect(message.messages);
    else if (message.kind === 'stats') this.#statsWaiters.shift()?.resolve(message.stats);
    else {
      this.listeningPoints = message.listeningPoints;
      this.controlPort = message.controlPort;
      this.#starting.resolve();
    }
  }

  #onExit(): void {
    const error = this.#isClosing ? undefined : (this.#failure ?? new Error('the engine thread ended'));
    this.#starting.reject(error ?? new Error('the engine thread was closed'));
    for (const waiter of this.#statsWaiters) waiter.reject(error ?? new Error('the engine thread was closed'));
    this.#exited.resolve(error);
  }
}
