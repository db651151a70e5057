import { Migrator } from 'kysely/migration';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts';
import { aCallRow } from '../support/call-rows.ts';
import { memoryDatabase } from '../support/memory-database.ts';

const NOON = Date.parse('2026-03-02T17:00:00Z');
const versions = Object.keys(MIGRATIONS).sort();

/** Everything the database is made of, as it was declared. */
function shapeOf({ database }: ReturnType<typeof memoryDatabase>) {
  return database.prepare('select type, name, tbl_name, sql from sqlite_master order by type, name').all();
}

describe.each(versions.map((version, at) => ({ version, upTo: versions.slice(0, at + 1) })))(
  'a database of version $version',
  ({ upTo }) => {
    const open = async () => {
      const memory = memoryDatabase();
      const older = Object.fromEntries(upTo.map((name) => [name, MIGRATIONS[name]!]));
      const migrator = new Migrator({ db: memory.db, provider: { getMigrations: async () => older } });
      expect((await migrator.migrateToLatest()).error).toBeUndefined();
      return memory;
    };

    it('becomes what a new one is', async () => {
      const memory = await open();
      await migrate(memory.db);
      const fresh = memoryDatabase();
      await migrate(fresh.db);
      expect(shapeOf(memory)).toEqual(shapeOf(fresh));
      expect(memory.database.pragma('foreign_key_check')).toEqual([]);
      expect(memory.database.pragma('integrity_check', { simple: true })).toBe('ok');
    });

    it('keeps a pending call, which is decided as if nothing had happened', async () => {
      const memory = await open();
      const call = aCallRow({ uuid: 'pending', state: 'pending', window_ends_at: NOON });
      const columns = Object.keys(call);
      memory.database
        .prepare(`insert into calls (${columns}) values (${columns.map((name) => `@${name}`)})`)
        .run(call as object);
      await migrate(memory.db);
      expect(await memory.store.expireWindows({ now: NOON, limit: 10 })).toMatchObject({ expired: 1 });
      expect((await memory.store.getCall({ uuid: 'pending' }))?.call).toMatchObject({
        ...call,
        state: 'not_converted',
        window_ends_at: null,
        decided_at: NOON,
      });
    });
  },
);
