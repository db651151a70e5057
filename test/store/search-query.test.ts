import { beforeAll, describe, expect, it } from 'vitest';
import { lowestUuidAt, newUuid } from '../../src/domain/ids.ts';
import { migrate } from '../../src/store/migrate.ts';
import { aCallRow } from '../support/call-rows.ts';
import { memoryDatabase } from '../support/memory-database.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const SECOND = 1_000;
const CALLS = 5_000;

describe('a search among calls', () => {
  const memory = memoryDatabase();

  beforeAll(async () => {
    await migrate(memory.db);
    const insert = memory.database.transaction(() => {
      for (let n = 0; n < CALLS; n += 1) {
        const at = NOON + n * SECOND;
        const buyer = n === 10 ? 'rare' : 'often';
        const row = aCallRow({ uuid: newUuid(at), started_at: at, buyer_id: buyer, answered_at: at });
        const columns = Object.keys(row);
        memory.database
          .prepare(`insert into calls (${columns}) values (${columns.map((name) => `@${name}`)})`)
          .run(row as object);
        if (n % 1_000 === 0) {
          memory.database
            .prepare(
              "insert into tags (call_uuid, name, value, source, added_at) values (?, 'state', 'CA', 'postback', 0)",
            )
            .run(row.uuid);
        }
      }
    });
    insert();
  });

  /** All pages, how many there were, and how many calls. */
  async function all(filter: Parameters<typeof memory.store.searchCalls>[0]['filter'], limit = 500) {
    const found: number[] = [];
    let pages = 0;
    let before: string | undefined;
    do {
      const page = await memory.store.searchCalls({ filter, limit, before });
      found.push(...page.calls.map(({ started_at }) => (started_at - NOON) / SECOND));
      before = page.next;
      pages += 1;
    } while (before !== undefined);
    return { found, pages };
  }

  it('finds each once, newest first, whatever the length of a page', async () => {
    const newestFirst = Array.from({ length: CALLS }, (_, n) => CALLS - 1 - n);
    for (const limit of [1_999, 2_000, 2_001, 7_000])
      expect((await all({ columns: {} }, limit)).found).toEqual(newestFirst);
  });

  it('finds what is rare behind empty pages, each of bounded cost', async () => {
    expect(await all({ columns: { buyer_id: 'rare' } })).toEqual({ found: [10], pages: 3 });
    expect((await all({ columns: { buyer_id: 'nobody' } })).found).toEqual([]);
    expect((await all({ columns: {}, tag: { name: 'state', value: 'CA' } })).found).toEqual([
      4_000, 3_000, 2_000, 1_000, 0,
    ]);
    expect((await all({ columns: { state: 'converted', buyer_id: 'often' } })).found).toEqual([]);
  });

  it('takes the start of a period and not its end', async () => {
    const period = { from: NOON + 100 * SECOND, to: NOON + 103 * SECOND, columns: {} };
    expect((await all(period)).found).toEqual([102, 101, 100]);
  });

  it('reads by the primary key alone, from the page before on', async () => {
    memory.queries.length = 0;
    const before = lowestUuidAt(NOON + 50 * SECOND);
    await memory.store.searchCalls({ filter: { columns: { buyer_id: 'often' } }, limit: 10, before });
    const plans = memory.queries.map(({ sql, parameters }) =>
      memory.database
        .prepare(`explain query plan ${sql}`)
        .all(parameters)
        .map((row) => (row as { detail: string }).detail),
    );
    expect(plans).toEqual([
      [
        'CO-ROUTINE portion',
        'SEARCH calls USING COVERING INDEX sqlite_autoindex_calls_1 (uuid>? AND uuid<?)',
        'SCAN portion',
      ],
      ['SEARCH calls USING INDEX sqlite_autoindex_calls_1 (uuid>? AND uuid<?)'],
    ]);
  });
});
