import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Kysely, SqliteAdapter } from 'kysely';
import type { Account } from '../../../src/domain/account.ts';
import { type Operations, operations } from '../../../src/operations.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { sqliteDialect } from '../../../src/store/sqlite/dialect.ts';
import { GroupCommit } from '../../../src/store/sqlite/group-commit.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Tables } from '../../../src/store/tables.ts';

/** The real operations on a real SQLite database in memory: no disk, no thread, so thousands of short histories are cheap. */
export class MemoryBook {
  #database: Database;
  #commits: GroupCommit;
  /** Each operation in a transaction of its own, as the store runs it. */
  readonly store: Store<Operations>;

  private constructor(image: Buffer) {
    this.#database = openImage(image);
    this.#commits = commitsOf(this.#database);
    const run = (name: string) => (input: unknown) => this.#run(name, input);
    this.store = new Proxy({}, { get: (_, name) => run(String(name)) }) as Store<Operations>;
  }

  /** A database that is migrated and configured once, and copied for each book. */
  static async printer(account: Account, now: number): Promise<() => MemoryBook> {
    const database = new SqliteDatabase(':memory:');
    await migrate(kyselyOn(database));
    await commitsOf(database).run([{ id: 1, operation: 'applyAccount', input: { account, now } }]);
    const image = database.serialize();
    database.close();
    return () => new MemoryBook(image);
  }

  /** The process dies in the middle of an operation; what was committed is opened again. */
  async crashIn(operation: keyof Operations, input: unknown): Promise<void> {
    const database = this.#database;
    database.exec('begin immediate');
    await (operations[operation] as (context: object, input: unknown) => Promise<unknown>)(
      { db: kyselyOn(database) },
      input,
    );
    database.exec('rollback');
    const image = database.serialize();
    database.close();
    this.#database = openImage(image);
    this.#commits = commitsOf(this.#database);
  }

  rows<Row>(sql: string, ...parameters: unknown[]): Row[] {
    return this.#database.prepare(sql).all(...parameters) as Row[];
  }

  get database(): Database {
    return this.#database;
  }

  close(): void {
    this.#database.close();
  }

  async #run(operation: string, input: unknown): Promise<unknown> {
    const {
      answers: [answer],
    } = await this.#commits.run([{ id: 1, operation, input }]);
    if (answer !== undefined && 'output' in answer) return answer.output;
    throw Object.assign(new Error(answer?.error.message), { code: answer?.error.code });
  }
}

function openImage(image: Buffer): Database {
  const database = new SqliteDatabase(image);
  database.pragma('foreign_keys = ON');
  return database;
}

function commitsOf(database: Database): GroupCommit {
  return new GroupCommit(database, operations);
}

/** One adapter for all: statements are compiled once for each (`statement.ts`), and compiling costs more than a history. */
const adapter = new SqliteAdapter();

function kyselyOn(database: Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: { ...sqliteDialect(database), createAdapter: () => adapter } });
}
