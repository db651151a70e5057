import type { Database } from 'better-sqlite3';
import type { MoneyState } from '../store/tables.ts';
import type { AuditedCall, AuditedLedgerRow, Finding } from './audited-call.ts';
import { checkCall } from './check-call.ts';
import { type Period, readCalls } from './read-calls.ts';

/** Millionths, exact however many calls there are. */
export interface Sums {
  readonly calls: { revenue: bigint; payout: bigint };
  readonly ledger: { revenue: bigint; payout: bigint };
}

export interface AuditReport {
  readonly calls: Readonly<Record<MoneyState, number>>;
  readonly ledgerRows: number;
  /** By the UTC day on which the calls started: money of the calls, and what the rows of their ledgers add up to. */
  readonly days: ReadonlyMap<string, Sums>;
  readonly currency: string;
  /** The first of them … */
  readonly findings: readonly Finding[];
  /** … of so many. */
  readonly findingCount: number;
}

/** More than anybody reads; the rest is counted. */
const MOST_FINDINGS = 1_000;

/**
 * Reads one consistent state of the database, whatever is written meanwhile, and says what does not add up. `onCall` is called
 * after each call.
 */
export function audit(database: Database, period: Period = {}, onCall: () => void = () => undefined): AuditReport {
  const calls: Record<MoneyState, number> = { open: 0, pending: 0, converted: 0, not_converted: 0 };
  const days = new Map<string, Sums>();
  const findings: Finding[] = [];
  const report = { findingCount: 0, ledgerRows: 0, currency: '' };
  const found = (finding: Finding) => {
    report.findingCount += 1;
    if (findings.length < MOST_FINDINGS) findings.push(finding);
  };
  database.exec('begin');
  try {
    for (const item of readCalls(database, period)) {
      if (item.kind === 'orphan') {
        found({ callUuid: item.row.call_uuid, check: 'orphan', what: `ledger row ${item.row.seq} has no call` });
        continue;
      }
      const { call } = item;
      calls[call.state] += 1;
      report.ledgerRows += call.ledger.length;
      report.currency ||= call.ledger[0]?.currency ?? '';
      addUp(days, call);
      for (const finding of checkCall(call)) found(finding);
      onCall();
    }
  } finally {
    database.exec('commit');
  }
  for (const [day, sums] of days)
    if (differs(sums)) found({ callUuid: '', check: 'sums', what: `the sums of ${day} differ` });
  return { calls, days, findings, ...report };
}

/** The ledger side adds what each row changed, so a wrong or missing row shows. */
function addUp(days: Map<string, Sums>, call: AuditedCall): void {
  const day = new Date(call.started_at).toISOString().slice(0, 10);
  let sums = days.get(day);
  if (sums === undefined) {
    sums = { calls: { revenue: 0n, payout: 0n }, ledger: { revenue: 0n, payout: 0n } };
    days.set(day, sums);
  }
  sums.calls.revenue += BigInt(call.revenue_micros);
  sums.calls.payout += BigInt(call.payout_micros);
  let before: Pick<AuditedLedgerRow, 'revenue_micros' | 'payout_micros'> = { revenue_micros: 0, payout_micros: 0 };
  for (const row of call.ledger) {
    sums.ledger.revenue += BigInt(row.revenue_micros - before.revenue_micros);
    sums.ledger.payout += BigInt(row.payout_micros - before.payout_micros);
    before = row;
  }
}

export function differs({ calls, ledger }: Sums): boolean {
  return calls.revenue !== ledger.revenue || calls.payout !== ledger.payout;
}
