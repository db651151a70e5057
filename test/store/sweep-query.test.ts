import { expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { aCallRow } from '../support/call-rows.ts';
import { memoryDatabase } from '../support/memory-database.ts';

it('a sweep reads the windows that are over, by their index, and no others (semantics §5)', async () => {
  const { db, database, queries, store } = memoryDatabase();
  await migrate(db);
  for (let n = 1; n <= 50; n += 1) {
    const call = aCallRow({ uuid: `call-${n}`, state: 'pending', window_ends_at: n * 1_000 });
    await db.insertInto('calls').values(call).execute();
  }
  expect(await store.expireWindows({ now: 20_000, limit: 100 })).toMatchObject({ expired: 20 });
  const query = queries.find(({ sql }) => sql.includes('"window_ends_at" <='))!;
  const plan = database.prepare(`explain query plan ${query.sql}`).all(query.parameters) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toEqual(['SEARCH calls USING INDEX calls_by_window (window_ends_at<?)']);
});
