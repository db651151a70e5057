import type { Database, Statement } from 'better-sqlite3';
import { Kysely } from 'kysely';
import { AppError } from '../../domain/errors.ts';
import type { OperationTable, QueryRunner } from '../store.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';
import type { Access, Answer, Request } from './messages.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { toWire } from './wire-error.ts';

/** A batch that has worked so long is committed, so that whoever comes meanwhile is served soon. */
const LONGEST_BATCH_MS = 3;

export interface CommittedBatch {
  /** Of the first requests, in their order. */
  readonly answers: readonly Answer[];
  /** Requests for which there was no time. */
  readonly left: readonly Request[];
}

/**
 * Runs many operations in one transaction: one fsync makes them all durable. Should one of them fail, all are run again with
 * a savepoint each, so that it alone is undone; savepoints cost a copy of every page touched, and failures are rare.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #db: Kysely<Tables>;
  readonly #run: QueryRunner;
  readonly #operations: OperationTable;
  readonly #statements: Readonly<Record<'begin' | 'savepoint' | 'release' | 'undo' | 'commit' | 'rollback', Statement>>;

  constructor(database: Database, operations: OperationTable, access: Access = 'write') {
    const statements = new PreparedStatements(database);
    this.#database = database;
    this.#db = new Kysely<Tables>({ dialect: sqliteDialect(database, statements) });
    this.#run = statements.run;
    this.#operations = operations;
    this.#statements = {
      begin: database.prepare(access === 'write' ? 'begin immediate' : 'begin'),
      savepoint: database.prepare('savepoint operation'),
      release: database.prepare('release operation'),
      undo: database.prepare('rollback to operation'),
      commit: database.prepare('commit'),
      rollback: database.prepare('rollback'),
    };
  }

  /** Answers after the commit. If that fails, nothing was done and every answer is `Unavailable`. `mustRun`: see Batch. */
  async run(requests: readonly Request[], mustRun = requests.length): Promise<CommittedBatch> {
    const endAt = performance.now() + LONGEST_BATCH_MS;
    const isOver = (done: number) => done >= mustRun && performance.now() >= endAt;
    try {
      this.#statements.begin.run();
      const answers = (await this.#runTogether(requests, isOver)) ?? (await this.#runApart(requests, isOver));
      this.#statements.commit.run();
      return { answers, left: requests.slice(answers.length) };
    } catch (error) {
      if (this.#database.inTransaction) this.#statements.rollback.run();
      const failure = new AppError('store_commit_failed', 'nothing was written: the commit failed', { cause: error });
      return { answers: requests.map(({ id }) => ({ id, error: toWire(failure) })), left: [] };
    }
  }

  /** Undefined if one failed; then nothing is done, in a transaction begun anew. */
  async #runTogether(requests: readonly Request[], isOver: (done: number) => boolean): Promise<Answer[] | undefined> {
    try {
      const answers: Answer[] = [];
      for (const request of requests) {
        if (isOver(answers.length)) break;
        answers.push({ id: request.id, output: await this.#call(request) });
      }
      return answers;
    } catch (error) {
      if (!this.#database.inTransaction) throw error;
      this.#statements.rollback.run();
      this.#statements.begin.run();
      return undefined;
    }
  }

  async #runApart(requests: readonly Request[], isOver: (done: number) => boolean): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const request of requests) {
      if (isOver(answers.length)) break;
      answers.push(await this.#runOne(request));
    }
    return answers;
  }

  #call({ operation, input }: Request): Promise<unknown> {
    const run = this.#operations[operation];
    if (run === undefined) throw new TypeError(`the store has no operation "${operation}"`);
    return run({ db: this.#db, run: this.#run }, input);
  }

  /** Throws only if the whole transaction is gone (disk full, I/O error): SQLite has rolled it back by itself then. */
  async #runOne(request: Request): Promise<Answer> {
    const { id } = request;
    this.#statements.savepoint.run();
    try {
      const output = await this.#call(request);
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
