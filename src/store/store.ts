import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** What an operation gets, each its own: one transaction. Everything it does is committed together or not at all. */
export interface OperationContext {
  readonly db: Kysely<Tables>;
  /** Runs a compiled query at once, where the database is in this very thread: Kysely's way there costs more than the query. */
  readonly run?: QueryRunner | undefined;
}

export type QueryRunner = <Row>(
  sql: string,
  parameters: readonly unknown[],
) => { readonly rows: Row[]; readonly changes: number };

/** A whole piece of business in one transaction; input and output are plain data, for they may cross a thread. */
export type Operation<Input, Output> = (context: OperationContext, input: Input) => Promise<Output>;

/** Operations by name, as a module exports them. */
// biome-ignore lint/suspicious/noExplicitAny: a table of operations with different inputs
export type OperationTable = Record<string, Operation<any, any>>;

/**
 * The store's port: each operation answers after its commit is durable, or rejects with nothing changed. Whoever needs an order
 * waits for the answer: urgent operations keep theirs among themselves and overtake others, patient ones may be held back, and
 * those that only read see what was committed before they began (see the end of src/operations.ts).
 */
export type Store<Table extends OperationTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Operation<infer Input, infer Output>
    ? (input: Input) => Promise<Output>
    : never;
};

/** Told of each committed batch: how many operations, how long it took. */
export type BatchListener = (operations: number, ms: number) => void;

/** An open database. `operations.x(input)` runs x in its own transaction (SQLite: grouped with whatever else waits). */
export interface OpenStore<Table extends OperationTable> {
  readonly operations: Store<Table>;
  /** One listener; it must not throw. */
  onBatch(listener: BatchListener): void;
  close(): Promise<void>;
  /** Called when the store can serve no longer (the thread that writes died); the process should end. */
  onFailure(listener: (error: Error) => void): void;
}
