import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { EngineOptions, EngineStats } from '../../sip/engine/index.ts';
import type { FromEngine } from './engine-process.ts';

export interface EngineReport {
  readonly stats: EngineStats;
  /** After a collection of garbage. */
  readonly heapMb: number;
  /** Outside the heap. */
  readonly buffersMb: number;
}

/** The engine in a process of its own, so that its memory and CPU time are nobody else's. */
export class EngineChild implements AsyncDisposable {
  readonly pid: number;
  readonly ports: readonly number[];
  readonly controlPort: number;
  /** What the engine logged as an error. */
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting: ((report: EngineReport) => void)[] = [];

  static async start(options: Omit<EngineOptions, 'log'>): Promise<EngineChild> {
    const child = fork(`${import.meta.dirname}/engine-process.ts`, [JSON.stringify(options)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [ready] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [FromEngine | number];
    if (typeof ready !== 'object' || ready?.kind !== 'ready') throw new Error('the engine did not start');
    return new EngineChild(child, ready);
  }

  private constructor(child: ChildProcess, ready: FromEngine & { kind: 'ready' }) {
    this.#child = child;
    this.pid = child.pid!;
    this.ports = ready.ports;
    this.controlPort = ready.controlPort;
    child.on('message', (message: FromEngine) => {
      if (message.kind === 'error') this.errors.push(message.message);
      if (message.kind === 'report') this.#waiting.shift()?.(message);
    });
    child.once('exit', (code) => code !== 0 && this.errors.push(`the engine ended with code ${code}`));
  }

  report(): Promise<EngineReport> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.send('report');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await ended;
  }
}

/** Everything the engine still remembers of calls. */
export const remembered = (stats: EngineStats): number =>
  stats.dialogs + stats.clientTransactions + stats.serverTransactions + stats.incoming + stats.outgoing;
