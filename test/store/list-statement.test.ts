import { beforeEach, describe, expect, it } from 'vitest';
import { listStatement } from '../../src/store/list-statement.ts';
import { migrate } from '../../src/store/migrate.ts';
import { memoryDatabase } from '../support/memory-database.ts';

const nodesSince = listStatement<{ since: number }>()((db, ids, value) =>
  db.selectFrom('nodes').select('id').where('id', 'in', ids).where('alive_at', '>=', value.since),
);

describe('statement about a list', () => {
  let memory: ReturnType<typeof memoryDatabase>;
  const all = Array.from({ length: 1_300 }, (_, index) => `n${index}`);

  beforeEach(async () => {
    memory = memoryDatabase();
    await migrate(memory.db);
    for (const [alive_at, id] of all.entries()) await memory.db.insertInto('nodes').values({ id, alive_at }).execute();
    memory.queries.length = 0;
  });

  const ids = async (list: readonly string[], since = 0) => {
    const rows = await nodesSince.all({ db: memory.db }, list, { since });
    return rows.map(({ id }) => id).sort();
  };

  it.each([0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1_025, 1_300])('of %i ids finds each once', async (length) => {
    const list = all.slice(0, length);
    expect(await ids(list)).toEqual([...list].sort());
  });

  it('has the other values too', async () => {
    expect(await ids(['n1', 'n2', 'n3', 'nobody'], 2)).toEqual(['n2', 'n3']);
  });

  it('is three texts, whatever the lengths', async () => {
    for (let length = 1; length < 1_100; length += 37) await ids(all.slice(0, length));
    expect(new Set(memory.queries.map(({ sql }) => sql)).size).toBe(3);
  });
});
