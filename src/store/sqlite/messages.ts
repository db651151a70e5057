import type { OperationTable } from '../store.ts';
import type { WireError } from './wire-error.ts';

/** Main thread → store thread. Requests that were made in one turn of the loop travel together. */
export type ToWorker =
  | { readonly kind: 'requests'; readonly requests: readonly Request[] }
  | { readonly kind: 'close' };

/** Store thread → main thread. Answers come a committed batch at a time, in order but for the urgent ones, which go first. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly urgent: readonly string[] }
  | { readonly kind: 'not_opened'; readonly error: WireError }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[]; readonly elapsedMs: number }
  | { readonly kind: 'closed' };

/** An operation to run. */
export interface Request {
  readonly id: number;
  readonly operation: string;
  readonly input: unknown;
}

/** What became of the request with this `id`. */
export type Answer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: WireError };

/** What the store thread starts with. */
export interface WorkerStart {
  readonly file: string;
  /** URL of an `OperationsModule`. */
  readonly operations: string;
}

/** What the store's thread loads: everything it can be asked to do, and what goes first because a caller waits for it. */
export interface OperationsModule {
  readonly operations: OperationTable;
  readonly urgent?: readonly string[];
}
