import type { Database } from 'better-sqlite3';
import { lowestUuidAt } from '../domain/ids.ts';
import type { LedgerRow } from '../store/tables.ts';
import type { AuditedCall } from './audited-call.ts';

/** Calls that started in [from, to); a bound that is not given is none. */
export interface Period {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const COUNT = (type: string) => `(select count(*) from events e where e.call_uuid = c.uuid and e.type = '${type}')`;

/** By primary keys alone: nothing is sorted, so a row is out as soon as it is read. */
const CALLS = `
  select c.uuid, c.started_at, c.answered_at, c.ended_at, c.state, c.window_ends_at, c.decided_at,
    c.revenue_micros, c.payout_micros, c.late, c.ledger_seq,
    ${COUNT('ended')} as ended, ${COUNT('converted')} as converted, ${COUNT('not_converted')} as not_converted
  from calls c where c.uuid >= ? and c.uuid < ? order by c.uuid`;

const LEDGER = `
  select call_uuid, seq, kind, revenue_micros, payout_micros, currency, corrects_seq
  from ledger where call_uuid >= ? and call_uuid < ? order by call_uuid, seq`;

type CallRead = Omit<AuditedCall, 'events' | 'ledger'> & AuditedCall['events'];
type LedgerRead = AuditedCall['ledger'][number] & Pick<LedgerRow, 'call_uuid'>;

/** What comes next: a call with its ledger, or a ledger row whose call is not there. */
export type AuditedItem =
  | { readonly kind: 'call'; readonly call: AuditedCall }
  | { readonly kind: 'orphan'; readonly row: LedgerRead };

/** How many calls there are in it. */
export function countCalls(database: Database, period: Period): number {
  const count = database.prepare<unknown[], number>('select count(*) from calls where uuid >= ? and uuid < ?').pluck();
  return count.get(...boundsOf(period)) ?? 0;
}

function boundsOf({ from = 0, to }: Period): [string, string] {
  return [from === 0 ? '' : lowestUuidAt(from), to === undefined ? 'g' : lowestUuidAt(to)];
}

/** Calls and ledgers side by side in the order of their uuids, one at a time: memory does not grow with them. */
export function* readCalls(database: Database, period: Period): Generator<AuditedItem> {
  const bounds = boundsOf(period);
  const rows = database.prepare<unknown[], LedgerRead>(LEDGER).iterate(...bounds);
  try {
    let next = rows.next();
    for (const { ended, converted, not_converted, ...call } of database
      .prepare<unknown[], CallRead>(CALLS)
      .iterate(...bounds)) {
      for (; !next.done && next.value.call_uuid < call.uuid; next = rows.next())
        yield { kind: 'orphan', row: next.value };
      const ledger: LedgerRead[] = [];
      for (; !next.done && next.value.call_uuid === call.uuid; next = rows.next()) ledger.push(next.value);
      yield { kind: 'call', call: { ...call, events: { ended, converted, not_converted }, ledger } };
    }
    for (; !next.done; next = rows.next()) yield { kind: 'orphan', row: next.value };
  } finally {
    rows.return?.();
  }
}
