import type { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/errors.ts';
import type { BatchListener } from '../store.ts';
import type { Answer, FromWorker, Priorities, Request, ToWorker } from './messages.ts';
import { RequestGate } from './request-gate.ts';
import { fromWire } from './wire-error.ts';

/** Beyond this the disk is too slow for the load: refusing at once is kinder than answering minutes late. */
const MOST_WAITING = 10_000;
/** Beyond this patient ones are refused: what callers wait for must find room. */
const MOST_BEFORE_PATIENT = 5_000;

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The main thread's end of the store thread: numbers requests, hands out answers, and knows when the thread is dead. */
export class WorkerStore {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #gate = new RequestGate();
  readonly #failureListeners: ((error: Error) => void)[] = [];
  readonly #opened = Promise.withResolvers<Priorities>();
  readonly #exited = Promise.withResolvers<void>();
  #onBatch: BatchListener = () => undefined;
  #lastId = 0;
  #isSendScheduled = false;
  #later: NodeJS.Timeout | undefined;
  #closing = false;
  #failure: AppError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#onExit());
  }

  /** Resolves when the thread can serve, with what its operations are like; rejects with what kept it from opening the file. */
  get opened(): Promise<Priorities> {
    return this.#opened.promise;
  }

  /** Rejects with `Unavailable` when the store is closed, dead or overloaded. */
  request(operation: string, input: unknown): Promise<unknown> {
    const refusal = this.#refusal(operation);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#gate.push({ id, operation, input });
    this.#scheduleSend();
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Everything asked before is answered first, and `before` has come about. */
  async close(before?: Promise<void>): Promise<void> {
    if (!this.#closing && this.#failure === undefined) {
      this.#closing = true;
      this.#send(this.#gate.takeAll());
      await before;
      this.#post({ kind: 'close' });
    }
    await this.#exited.promise;
  }

  onBatch(listener: BatchListener): void {
    this.#onBatch = listener;
  }

  onFailure(listener: (error: Error) => void): void {
    if (this.#failure === undefined) this.#failureListeners.push(listener);
    else listener(this.#failure);
  }

  #refusal(operation: string): AppError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#closing) return new AppError('store_closed', 'the store is closed');
    const most = this.#gate.isPatient(operation) ? MOST_BEFORE_PATIENT : MOST_WAITING;
    if (this.#waiting.size < most) return undefined;
    return new AppError('store_overloaded', `${most} operations wait for the database already`);
  }

  /** What was asked in one turn of the loop goes over in one message. */
  #scheduleSend(): void {
    if (this.#isSendScheduled) return;
    this.#isSendScheduled = true;
    setImmediate(() => {
      this.#isSendScheduled = false;
      this.#send(this.#gate.take());
      this.#sendHeldLater();
    });
  }

  #sendHeldLater(): void {
    const { waitMs } = this.#gate;
    if (waitMs === undefined || this.#later !== undefined) return;
    this.#later = setTimeout(() => {
      this.#later = undefined;
      this.#scheduleSend();
    }, waitMs);
  }

  #send(requests: readonly Request[]): void {
    if (requests.length === 0 || this.#failure !== undefined) return;
    try {
      this.#post({ kind: 'requests', requests });
    } catch {
      for (const request of requests) this.#sendAlone(request);
    }
  }

  /** One input that is no plain data must not take the others of its turn with it. */
  #sendAlone(request: Request): void {
    try {
      this.#post({ kind: 'requests', requests: [request] });
    } catch (error) {
      this.#settled(request.id)?.reject(error as Error);
    }
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready') {
      this.#gate.know(message.priorities);
      this.#opened.resolve(message.priorities);
    } else if (message.kind === 'not_opened') this.#opened.reject(fromWire(message.error));
    else if (message.kind === 'answers') {
      for (const answer of message.answers) this.#settle(answer);
      this.#sendHeldLater();
      this.#onBatch(message.answers.length, message.elapsedMs);
    }
  }

  #settle(answer: Answer): void {
    const waiting = this.#settled(answer.id);
    if ('error' in answer) waiting?.reject(fromWire(answer.error));
    else waiting?.resolve(answer.output);
  }

  /** Whoever waits for that answer, no longer. */
  #settled(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#gate.answered(id);
    return waiting;
  }

  #onExit(): void {
    if (!this.#closing || this.#waiting.size > 0) this.#fail(new Error('the store thread ended'));
    this.#exited.resolve();
  }

  #fail(cause: Error): void {
    if (this.#failure !== undefined) return;
    const failure = new AppError('store_failed', `the store can serve no longer: ${cause.message}`, { cause });
    this.#failure = failure;
    this.#opened.reject(failure);
    for (const { reject } of this.#waiting.values()) reject(failure);
    this.#waiting.clear();
    for (const listener of this.#failureListeners) listener(failure);
  }
}
