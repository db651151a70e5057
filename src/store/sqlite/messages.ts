import type { WireError } from './wire-error.ts';

/** Main thread → store thread. Requests that were made in one turn of the loop travel together. */
export type ToWorker =
  | { readonly kind: 'requests'; readonly requests: readonly Request[] }
  | { readonly kind: 'close' };

/** Store thread → main thread. Answers come in the order of their requests, a committed batch at a time. */
export type FromWorker =
  | { readonly kind: 'ready' }
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
  /** URL of the module that exports `operations`. */
  readonly operations: string;
}
