import type { Database, Statement } from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { AppError } from '../../domain/errors.ts';
import type { OperationTable } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { Answer, Request } from './messages.ts';
import { toWire } from './wire-error.ts';

/** Runs many operations in one transaction, a savepoint each: one fsync makes them all durable. */
export class GroupCommit {
  readonly #database: Database;
  readonly #db: Kysely<Tables>;
  readonly #operations: OperationTable;
  readonly #statements: Readonly<Record<'begin' | 'savepoint' | 'release' | 'undo' | 'commit' | 'rollback', Statement>>;

  constructor(database: Database, db: Kysely<Tables>, operations: OperationTable) {
    this.#database = database;
    this.#db = db;
    this.#operations = operations;
    this.#statements = {
      begin: database.prepare('begin immediate'),
      savepoint: database.prepare('savepoint operation'),
      release: database.prepare('release operation'),
      undo: database.prepare('rollback to operation'),
      commit: database.prepare('commit'),
      rollback: database.prepare('rollback'),
    };
  }

  /** Answers after the commit. If that fails, nothing was done and every answer is `Unavailable`. */
  async run(requests: readonly Request[]): Promise<Answer[]> {
    try {
      this.#statements.begin.run();
      const answers: Answer[] = [];
      for (const request of requests) answers.push(await this.#runOne(request));
      this.#statements.commit.run();
      return answers;
    } catch (error) {
      if (this.#database.inTransaction) this.#statements.rollback.run();
      const failure = new AppError('store_commit_failed', 'nothing was written: the commit failed', { cause: error });
      return requests.map(({ id }) => ({ id, error: toWire(failure) }));
    }
  }

  /** Throws only if the whole transaction is gone (disk full, I/O error): SQLite has rolled it back by itself then. */
  async #runOne({ id, operation, input }: Request): Promise<Answer> {
    this.#statements.savepoint.run();
    try {
      const run = this.#operations[operation];
      if (run === undefined) throw new TypeError(`the store has no operation "${operation}"`);
      const output = await run({ db: this.#db }, input);
      this.#statements.release.run();
      return { id, output };
    } catch (error) {
      if (!this.#database.inTransaction) throw error;
      this.#statements.undo.run();
      this.#statements.release.run();
      return { id, error: toWire(error) };
    }
  }
}
