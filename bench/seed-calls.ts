import Database from 'better-sqlite3';

const BATCH = 500_000;

/**
 * Fills a database that no service uses with ended, decided calls, straight into its tables: each with an attempt and a
 * ledger row, as old ones have them. Durability does not matter here.
 */
export function seedCalls(file: string, calls: number, onProgress: (done: number) => void): void {
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -1000000');
  const run = (sql: string, from: number, to: number) =>
    database
      .prepare(`with recursive n(i) as (select ? union all select i + 1 from n where i + 1 < ?) ${sql}`)
      .run(from, to);
  for (let from = 0; from < calls; from += BATCH) {
    const to = Math.min(calls, from + BATCH);
    database.exec('begin');
    run(CALLS, from, to);
    run(ATTEMPTS, from, to);
    database.exec('commit');
    onProgress(to);
  }
  database.exec('analyze');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** As version 7 uuids are, in the order of time; 15 s apart, from 2024 on. */
const UUID = "printf('%012x', 1704067200000 + i * 15000)";
const uuid = `substr(${UUID}, 1, 8) || '-' || substr(${UUID}, 9, 4) || '-7000-8000-' || printf('%012x', i)`;
const at = '1704067200000 + i * 15000';

const CALLS = `insert into calls (uuid, key_version, node_id, carrier_id, campaign_id, publisher_id, dialed_number,
    caller_number, sip_call_id, started_at, first_invited_at, answered_at, ended_at, end_estimated, buyer_id, destination,
    hung_up_by, sip_status, outcome, outcome_reason, state, group_id, decided_at, revenue_micros, payout_micros, late,
    duplicate, ledger_seq)
  select ${uuid}, 1, 'bridge', 'carrier', 'auto', 'radio', '+18005550100', '+1' || (2000000000 + i % 3000000),
    'seeded-' || i, ${at}, ${at} + 5, ${at} + 5000, ${at} + 65000, 0, 'A', 'sip:buyer@127.0.0.1', 'caller', 200,
    'completed', 'hangup', 'not_converted', 'group-1', ${at} + 665000, 0, 0, 0, 0, 0
  from n`;

const ATTEMPTS = `insert into attempts (call_uuid, seq, buyer_id, destination, invited_at, ringing_at, answered_at, ended_at,
    sip_status)
  select ${uuid}, 1, 'A', 'sip:buyer@127.0.0.1', ${at} + 5, ${at} + 500, ${at} + 5000, ${at} + 65000, 200 from n`;
