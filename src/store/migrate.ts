import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as calls from './migrations/0001-calls.ts';
import * as routing from './migrations/0002-routing.ts';
import * as money from './migrations/0003-money.ts';
import * as webhooks from './migrations/0004-webhooks.ts';
import * as totals from './migrations/0005-totals.ts';
import * as access from './migrations/0006-access.ts';
import * as sipMessages from './migrations/0007-sip-messages.ts';
import * as dayTotals from './migrations/0008-day-totals.ts';
import type { Tables } from './tables.ts';

/** In order, forward only; a migration that has been released is never changed. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-calls': calls,
  '0002-routing': routing,
  '0003-money': money,
  '0004-webhooks': webhooks,
  '0005-totals': totals,
  '0006-access': access,
  '0007-sip-messages': sipMessages,
  '0008-day-totals': dayTotals,
};

/** Brings the database to the newest shape. Throws what the failing migration threw. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** True if the database has every migration of this program. */
export async function isMigrated(db: Kysely<Tables>): Promise<boolean> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const migrations = await migrator.getMigrations();
  return migrations.every(({ executedAt }) => executedAt !== undefined);
}
