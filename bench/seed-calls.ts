import { closeSync, fsyncSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';

const BATCH = 500_000;

export interface SeedOptions {
  readonly secondsApart?: number;
  /** Ten campaigns, twenty publishers, twenty buyers, each call with any of them; else one of each. */
  readonly manyParties?: boolean;
}

/**
 * Fills a database that no service uses with ended, decided calls, straight into its tables: each with an attempt and a
 * ledger row, as old ones have them. Durability does not matter here.
 */
export function seedCalls(
  file: string,
  calls: number,
  onProgress: (done: number) => void,
  { secondsApart = 15, manyParties = false }: SeedOptions = {},
): void {
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -1000000');
  const run = (sql: string, from: number, to: number) =>
    database
      .prepare(`with recursive n(i) as (select ? union all select i + 1 from n where i + 1 < ?) ${sql}`)
      .run(from, to);
  const inserted = statements(secondsApart * 1_000, manyParties);
  for (let from = 0; from < calls; from += BATCH) {
    const to = Math.min(calls, from + BATCH);
    database.exec('begin');
    run(inserted.calls, from, to);
    run(inserted.attempts, from, to);
    database.exec('commit');
    onProgress(to);
  }
  database.exec(TOTALS);
  database.exec('analyze');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  syncFile(file);
}

/** As the database keeps them itself of calls that end. */
const TOTALS = `insert into call_totals (quarter, campaign_id, publisher_id, buyer_id, dialed_number,
    calls, connected, connected_ms, converted, revenue_micros, payout_micros)
  select started_at / 900000, campaign_id, publisher_id, buyer_id, dialed_number,
    count(*), count(*), 60000 * count(*), 0, 0, 0 from calls group by 1, 2, 3, 4, 5`;

/** Else the first checkpoint of the service would write what was seeded to the disk, and calls would wait for it. */
function syncFile(file: string): void {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function statements(stepMs: number, manyParties: boolean): { readonly calls: string; readonly attempts: string } {
  const at = `1704067200000 + i * ${stepMs}`;
  // As version 7 uuids are, in the order of time, from 2024 on.
  const text = `printf('%012x', ${at})`;
  const uuid = `substr(${text}, 1, 8) || '-' || substr(${text}, 9, 4) || '-7000-8000-' || printf('%012x', i)`;
  const any = (name: string, count: number) => `'${name}-' || (abs(random()) % ${count})`;
  const [campaign, publisher, buyer] = manyParties
    ? [any('campaign', 10), any('publisher', 20), any('buyer', 20)]
    : ["'auto'", "'radio'", "'A'"];
  const calls = `insert into calls (uuid, key_version, node_id, carrier_id, campaign_id, publisher_id, dialed_number,
      caller_number, sip_call_id, started_at, first_invited_at, answered_at, ended_at, end_estimated, buyer_id, destination,
      hung_up_by, sip_status, outcome, outcome_reason, state, group_id, decided_at, revenue_micros, payout_micros, late,
      duplicate, ledger_seq)
    select ${uuid}, 1, 'bridge', 'carrier', ${campaign}, ${publisher}, '+18005550100', '+1' || (2000000000 + i % 3000000),
      'seeded-' || i, ${at}, ${at} + 5, ${at} + 5000, ${at} + 65000, 0, ${buyer}, 'sip:buyer@127.0.0.1', 'caller', 200,
      'completed', 'hangup', 'not_converted', 'group-1', ${at} + 665000, 0, 0, 0, 0, 0
    from n`;
  const attempts = `insert into attempts (call_uuid, seq, buyer_id, destination, invited_at, ringing_at, answered_at,
      ended_at, sip_status)
    select ${uuid}, 1, 'A', 'sip:buyer@127.0.0.1', ${at} + 5, ${at} + 500, ${at} + 5000, ${at} + 65000, 200 from n`;
  return { calls, attempts };
}
