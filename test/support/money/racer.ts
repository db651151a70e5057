import type { Operations } from '../../../src/operations.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';

/** One operation on one call, at a told instant of the wall clock. */
export interface Race {
  readonly startAt: number;
  readonly operation: keyof Operations;
  readonly input: unknown;
}

/** A process of its own with a connection of its own: runs what it is sent, when it is told to, and says that it is done. */
const [file] = process.argv.slice(2);
const operations = new URL('../../../src/operations.ts', import.meta.url);
const store = await openSqliteStore<Operations>({ file: file!, operations });

process.on('message', async ({ startAt, operation, input }: Race) => {
  while (Date.now() < startAt);
  let error: string | undefined;
  try {
    await (store.operations[operation] as (input: unknown) => Promise<unknown>)(input);
  } catch (failure) {
    error = (failure as Error).message;
  }
  process.send?.({ error });
});
process.send?.('ready');
