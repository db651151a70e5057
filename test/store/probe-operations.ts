import { isMainThread } from 'node:worker_threads';
import { AppError } from '../../src/domain/errors.ts';
import type { OperationContext } from '../../src/store/store.ts';

/** Operations that show how the store behaves; the store's thread loads this file. */

async function put({ db }: OperationContext, { id, at }: { readonly id: string; readonly at: number }) {
  await db.insertInto('nodes').values({ id, alive_at: at }).execute();
  return { inThread: !isMainThread };
}

async function putThenFail(context: OperationContext, input: { readonly id: string; readonly at: number }) {
  await put(context, input);
  throw new AppError('call_unknown', `no call ${input.id}`, { cause: new Error('because') });
}

async function putThenThrow(context: OperationContext, input: { readonly id: string; readonly at: number }) {
  await put(context, input);
  throw new TypeError('a bug');
}

/** SQLite undoes the whole transaction by itself when a disk is full; this stands for it. */
async function loseTransaction({ db }: OperationContext, _: object) {
  await db.executeQuery({ ...db.selectFrom('nodes').selectAll().compile(), sql: 'rollback', parameters: [] });
  throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
}

async function ids({ db }: OperationContext, _: object): Promise<string[]> {
  const rows = await db.selectFrom('nodes').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

/** A foreign key is checked only at the commit if asked so: the way to make a commit fail. */
async function poisonCommit({ db }: OperationContext, _: object) {
  const raw = (text: string) => ({ ...db.selectFrom('nodes').selectAll().compile(), sql: text, parameters: [] });
  await db.executeQuery(raw('pragma defer_foreign_keys = on'));
  await db
    .insertInto('tags')
    .values({ call_uuid: 'nobody', name: 'a', value: '1', source: 'system', added_at: 1 })
    .execute();
}

async function busy(_: OperationContext, __: object): Promise<void> {
  throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
}

async function slow(_: OperationContext, { ms }: { readonly ms: number }): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

async function die(_: OperationContext, __: object): Promise<void> {
  setTimeout(() => {
    throw new Error('the thread fell');
  }, 0);
}

async function hurry(_: OperationContext, __: object): Promise<void> {}

/** Of what has been committed. */
async function idsRead(context: OperationContext, input: object): Promise<string[]> {
  return ids(context, input);
}

async function readSlowly(context: OperationContext, { ms }: { readonly ms: number }): Promise<string[]> {
  await slow(context, { ms });
  return ids(context, {});
}

/** Must fail: the thread that reads cannot write. */
async function putReading(context: OperationContext, input: { readonly id: string; readonly at: number }) {
  return put(context, input);
}

const dieReading = die;

export const operations = {
  busy,
  die,
  dieReading,
  hurry,
  ids,
  idsRead,
  loseTransaction,
  poisonCommit,
  put,
  putReading,
  putThenFail,
  putThenThrow,
  readSlowly,
  slow,
};

export const urgent = ['hurry'];
export const patient = ['put'];
export const reading = ['idsRead', 'readSlowly', 'putReading', 'dieReading'];
