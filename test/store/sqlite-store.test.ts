import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import type { operations } from './probe-operations.ts';

type Probe = typeof operations;

const OPERATIONS = new URL('./probe-operations.ts', import.meta.url);
const unavailable = (code: string) => expect.objectContaining({ name: 'AppError', kind: 'Unavailable', code });

describe('SQLite store', () => {
  let folder: string;
  let file: string;
  let open: OpenStore<Probe>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(folder, 'data', 'calls.sqlite');
    open = await openSqliteStore<Probe>({ file, operations: OPERATIONS });
  });
  afterEach(async () => {
    await open.close();
    rmSync(folder, { recursive: true });
  });

  const reopen = async () => {
    await open.close();
    open = await openSqliteStore<Probe>({ file, operations: OPERATIONS });
  };

  it('runs operations in its own thread', async () => {
    expect(await open.operations.put({ id: 'a', at: 1 })).toEqual({ inThread: true });
  });

  it('an operation that throws takes back only what it did itself', async () => {
    const { put, putThenFail, putThenThrow, ids } = open.operations;
    const results = await Promise.allSettled([
      put({ id: 'a', at: 1 }),
      putThenFail({ id: 'b', at: 1 }),
      put({ id: 'c', at: 1 }),
      putThenThrow({ id: 'd', at: 1 }),
      put({ id: 'a', at: 2 }),
      put({ id: 'e', at: 1 }),
    ]);
    expect(results.map(({ status }) => status[0])).toEqual(['f', 'r', 'f', 'r', 'r', 'f']);
    expect(await ids({})).toEqual(['a', 'c', 'e']);
  });

  it('errors arrive with class, code, kind, message and cause', async () => {
    const failed = await open.operations.putThenFail({ id: 'b', at: 1 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(AppError);
    expect(failed).toMatchObject({ code: 'call_unknown', kind: 'NotFound', message: 'no call b' });
    expect((failed as AppError).cause).toMatchObject({ message: 'because' });
    const thrown = await open.operations.putThenThrow({ id: 'c', at: 1 }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: 'TypeError', message: 'a bug' });
    expect((thrown as Error).stack).toContain('probe-operations.ts');
  });

  it('what SQLite cannot do just now is Unavailable', async () => {
    await expect(open.operations.busy({})).rejects.toEqual(unavailable('store_unavailable'));
  });

  it('a commit that fails rejects everything in it, and the store goes on', async () => {
    const { put, poisonCommit, ids } = open.operations;
    const results = await Promise.allSettled([put({ id: 'a', at: 1 }), poisonCommit({}), put({ id: 'b', at: 1 })]);
    for (const result of results) {
      expect(result).toEqual({ status: 'rejected', reason: unavailable('store_commit_failed') });
    }
    await put({ id: 'c', at: 1 });
    expect(await ids({})).toEqual(['c']);
  });

  it('a transaction that SQLite ended by itself rejects everything in it', async () => {
    const { put, loseTransaction, ids } = open.operations;
    const results = await Promise.allSettled([put({ id: 'a', at: 1 }), loseTransaction({}), put({ id: 'b', at: 1 })]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await ids({})).toEqual([]);
  });

  it('input that is no plain data is refused alone', async () => {
    const { put, ids } = open.operations;
    const bad = { id: 'x', at: 1, now: () => 1 };
    const results = await Promise.allSettled([put({ id: 'a', at: 1 }), put(bad), put({ id: 'b', at: 1 })]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await ids({})).toEqual(['a', 'b']);
  });

  it('refuses an operation it does not have', async () => {
    const unknown = open.operations as unknown as { nothing(input: object): Promise<void> };
    await expect(unknown.nothing({})).rejects.toThrow('no operation "nothing"');
  });

  it('refuses at once when too many wait, and serves again afterwards', async () => {
    const { slow, put, hurry } = open.operations;
    const slowOne = slow({ ms: 200 });
    const many = Array.from({ length: 10_050 }, () => hurry({}));
    const results = await Promise.allSettled([slowOne, ...many]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(51);
    expect(refused[0]).toEqual({ status: 'rejected', reason: unavailable('store_overloaded') });
    expect(await put({ id: 'later', at: 1 })).toEqual({ inThread: true });
  });

  it('refuses what is patient while there is room for what is urgent', async () => {
    const { slow, put, hurry } = open.operations;
    const slowOne = slow({ ms: 200 });
    const many = Array.from({ length: 5_050 }, (_, index) => put({ id: `n${index}`, at: 1 }));
    const urgent = Array.from({ length: 100 }, () => hurry({}));
    const results = await Promise.allSettled([slowOne, ...many]);
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(51);
    expect(await Promise.all(urgent)).toHaveLength(100);
  });

  it('long reading keeps nobody waiting, and sees what was committed before', async () => {
    const { put, readSlowly, idsRead } = open.operations;
    await put({ id: 'before', at: 1 });
    let isRead = false;
    const reading = readSlowly({ ms: 300 }).then((found) => {
      isRead = true;
      return found;
    });
    await put({ id: 'meanwhile', at: 1 });
    expect(isRead).toBe(false);
    expect(await reading).toContain('before');
    expect(await idsRead({})).toEqual(['before', 'meanwhile']);
  });

  it('the thread that reads cannot write', async () => {
    await expect(open.operations.putReading({ id: 'a', at: 1 })).rejects.toThrow('readonly');
    expect(await open.operations.ids({})).toEqual([]);
  });

  it('leaves no write-ahead log behind when it closes', async () => {
    await open.operations.put({ id: 'a', at: 1 });
    expect(existsSync(`${file}-wal`)).toBe(true);
    await open.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('what is urgent does not wait for what is not, nor starve it', async () => {
    const { hurry, put } = open.operations;
    let done = 0;
    const puts = Array.from({ length: 100 }, async (_, index) => {
      await put({ id: `n${index}`, at: 1 });
      done += 1;
    });
    let doneAtFirst: number | undefined;
    while (done < puts.length) {
      await hurry({});
      doneAtFirst ??= done;
    }
    expect(doneAtFirst).toBeLessThan(10);
    await Promise.all(puts);
  });

  it('close answers what was asked before, refuses what comes after, and keeps the data', async () => {
    await open.operations.hurry({});
    const asked = Array.from({ length: 300 }, (_, index) => open.operations.put({ id: `n${index}`, at: 1 }));
    const closed = open.close();
    await expect(open.operations.ids({})).rejects.toEqual(unavailable('store_closed'));
    await expect(open.operations.idsRead({})).rejects.toEqual(unavailable('store_closed'));
    await Promise.all([...asked, closed, open.close()]);
    await reopen();
    expect(await open.operations.ids({})).toHaveLength(300);
  });

  it('tells of the death of its thread and rejects what waits and what comes', async () => {
    const failure = new Promise<Error>((resolve) => open.onFailure(resolve));
    await open.operations.die({});
    const waiting = open.operations.slow({ ms: 50 });
    await Promise.allSettled([waiting]);
    expect(await failure).toEqual(unavailable('store_failed'));
    await expect(open.operations.ids({})).rejects.toEqual(unavailable('store_failed'));
    const told: Error[] = [];
    open.onFailure((error) => told.push(error));
    expect(told).toHaveLength(1);
  });

  it('a thread that reads and dies takes only what it was asked with it: the next question gets another one', async () => {
    const told: Error[] = [];
    open.onFailure((error) => told.push(error));
    const { put, idsRead, dieReading, readSlowly } = open.operations;
    await put({ id: 'a', at: 1 });
    const asked = await Promise.allSettled([dieReading({}), readSlowly({ ms: 50 }).then(() => readSlowly({ ms: 50 }))]);
    expect(asked.at(-1)).toEqual({ status: 'rejected', reason: unavailable('store_failed') });
    expect(await idsRead({})).toEqual(['a']);
    expect(told).toEqual([]);
  });

  it('keeps folder and files to this user', async () => {
    await open.operations.put({ id: 'a', at: 1 });
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(mode(join(folder, 'data'))).toBe('700');
    for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(mode(path)).toBe('600');
  });
});

describe('SQLite file that cannot be used', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refusalOf = (file: string) =>
    openSqliteStore<Probe>({ file, operations: OPERATIONS }).then(
      async (store) => {
        await store.close();
        return 'opened';
      },
      (error: unknown) => error as AppError,
    );

  it.each([
    ['a text file', (file: string) => writeFileSync(file, 'this is no database, but it is long enough to be one')],
    ['a folder', (file: string) => mkdirSync(file)],
  ])('%s → one readable sentence', async (_, prepare) => {
    const file = join(folder, 'calls.sqlite');
    prepare(file);
    const error = await refusalOf(file);
    expect(error).toEqual(unavailable('store_file_unusable'));
    expect((error as AppError).message).toContain(file);
    expect((error as AppError).message).toMatch(/cannot be used: .*\. Restore it/);
  });

  it('damaged pages are found at the start', async () => {
    const file = join(folder, 'calls.sqlite');
    const store = await openSqliteStore<Probe>({ file, operations: OPERATIONS });
    const rows = Array.from({ length: 2_000 }, (_, index) => store.operations.put({ id: `node-${index}`, at: index }));
    await Promise.all(rows);
    await store.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 20_000);
    chmodSync(file, 0o600);
    writeFileSync(file, bytes);
    expect(await refusalOf(file)).toEqual(unavailable('store_file_unusable'));
  });
});
