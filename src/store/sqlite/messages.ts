import type { OperationTable } from '../store.ts';
import type { WireError } from './wire-error.ts';

/** Main thread → store thread. Requests that were made in one turn of the loop travel together. */
export type ToWorker =
  | { readonly kind: 'requests'; readonly requests: readonly Request[] }
  | { readonly kind: 'close' };

/** Store thread → main thread. Answers come a committed batch at a time, in order but for the urgent ones, which go first. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly priorities: Priorities }
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

/** The writing thread owns the file; the reading one sees what has been committed. */
export type Access = 'write' | 'read';

/** What a thread of the store starts with. */
export interface WorkerStart {
  readonly file: string;
  readonly access: Access;
  /** URL of an `OperationsModule`. */
  readonly operations: string;
}

/** Names of operations that are not served in order of arrival. */
export interface Priorities {
  /** A caller waits for them: first. */
  readonly urgent: readonly string[];
  /** A few at a time while there are urgent ones. */
  readonly patient: readonly string[];
  /** In the reading thread. */
  readonly reading: readonly string[];
}

/** What the store's threads load: everything it can be asked to do. */
export interface OperationsModule extends Partial<Priorities> {
  readonly operations: OperationTable;
}
