import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts';
import { GroupCommit } from '../../src/store/sqlite/group-commit.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import type { OperationContext } from '../../src/store/store.ts';
import type { Tables } from '../../src/store/tables.ts';
import { operations } from './probe-operations.ts';

describe('group commit', () => {
  let folder: string;
  let database: Database;
  let commits: GroupCommit;
  const contexts = new Set<OperationContext>();

  const remember = async (context: OperationContext, _: object) => {
    contexts.add(context);
  };

  const putSlowly = async (context: OperationContext, input: { readonly id: string; readonly at: number }) => {
    const endAt = performance.now() + 4;
    while (performance.now() < endAt);
    return operations.put(context, input);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'commit-'));
    database = openDatabase(join(folder, 'calls.sqlite'));
    const db = new Kysely<Tables>({ dialect: sqliteDialect(database) });
    await migrate(db);
    commits = new GroupCommit(database, { ...operations, remember, putSlowly });
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const changesOf = (count: number) =>
    Array.from({ length: count }, (_, id) => ({ id, operation: 'put', input: { id: `n${id}`, at: id } }));

  it('writes a batch with one commit', async () => {
    const reader = openDatabase(join(folder, 'calls.sqlite'));
    const version = () => reader.pragma('data_version', { simple: true }) as number;
    const before = version();
    const { answers } = await commits.run(changesOf(100));
    expect(answers).toHaveLength(100);
    expect(version()).toBe(before + 1);
    reader.close();
  });

  it('commits what is done when it takes long, and leaves the rest for the next batch', async () => {
    const slowly = changesOf(6).map((request) => ({ ...request, operation: 'putSlowly' }));
    const { answers, left } = await commits.run(slowly, 2);
    expect(answers.map(({ id }) => id)).toEqual([0, 1]);
    expect(left).toEqual(slowly.slice(2));
    expect(database.inTransaction).toBe(false);
    expect(database.prepare('select count(*) from nodes').pluck().get()).toBe(2);
    expect((await commits.run(left)).answers.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
  });

  it('nobody else sees a batch before its commit', async () => {
    const reader = openDatabase(join(folder, 'calls.sqlite'));
    const rows = () => reader.prepare('select count(*) as n from nodes').get() as { n: number };
    const running = commits.run(changesOf(10));
    expect(rows().n).toBe(0);
    await running;
    expect(rows().n).toBe(10);
    reader.close();
  });

  it('gives every operation a context of its own', async () => {
    const requests = [1, 2].map((id) => ({ id, operation: 'remember', input: {} }));
    await commits.run(requests);
    expect(contexts.size).toBe(2);
  });

  it('leaves no transaction open, whatever happened', async () => {
    for (const operation of ['putThenFail', 'loseTransaction', 'poisonCommit', 'busy', 'put']) {
      await commits.run([{ id: 1, operation, input: { id: operation, at: 1 } }]);
      expect(database.inTransaction, operation).toBe(false);
    }
  });

  it('flushes the log at every commit (synchronous = FULL)', () => {
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
  });
});
