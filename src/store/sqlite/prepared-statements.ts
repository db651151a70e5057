import type { Database, Statement } from 'better-sqlite3';
import type { QueryRunner } from '../store.ts';

/** More texts than the code has; only lists of changing length could fill it. */
const MOST_STATEMENTS = 500;

/** The statements of one open database, each prepared once per SQL text. */
export class PreparedStatements {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  readonly run: QueryRunner = <Row>(sql: string, parameters: readonly unknown[]) => {
    const statement = this.prepare(sql);
    if (statement.reader) return { rows: statement.all(parameters) as Row[], changes: 0 };
    return { rows: [], changes: statement.run(parameters).changes };
  };

  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
    const prepared = this.#database.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
