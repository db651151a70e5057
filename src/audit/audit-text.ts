import { MICROS_PER_UNIT } from '../domain/money.ts';
import { type AuditReport, differs, type Sums } from './audit.ts';

/** The report for a person: what was read, the sums, and a table of what does not add up. */
export function auditText(report: AuditReport): string {
  const { open, pending, converted, not_converted } = report.calls;
  const total = open + pending + converted + not_converted;
  const all = sumOf([...report.days.values()]);
  const lines = [
    `${total} calls: ${converted} converted, ${not_converted} not converted, ${pending} pending, ${open} running; ${report.ledgerRows} ledger rows`,
    `money of the calls    revenue ${amount(all.calls.revenue)}  payout ${amount(all.calls.payout)}  ${report.currency}`,
    `sum of the ledgers    revenue ${amount(all.ledger.revenue)}  payout ${amount(all.ledger.payout)}  ${report.currency}`,
  ];
  return [...lines, ...wrongDays(report), ...findingLines(report)].join('\n');
}

/** The report for a program; amounts are decimal text. */
export function auditJson(report: AuditReport): object {
  const sums = ({ calls, ledger }: Sums) => ({
    calls: { revenue: amount(calls.revenue), payout: amount(calls.payout) },
    ledger: { revenue: amount(ledger.revenue), payout: amount(ledger.payout) },
  });
  return {
    adds_up: report.findingCount === 0,
    calls: report.calls,
    ledger_rows: report.ledgerRows,
    currency: report.currency,
    total: sums(sumOf([...report.days.values()])),
    days: [...report.days].map(([day, each]) => ({ day, ...sums(each) })),
    finding_count: report.findingCount,
    findings: report.findings.map(({ callUuid, check, what }) => ({ call_uuid: callUuid || null, check, what })),
  };
}

function sumOf(list: readonly Sums[]): Sums {
  const total: Sums = { calls: { revenue: 0n, payout: 0n }, ledger: { revenue: 0n, payout: 0n } };
  for (const { calls, ledger } of list) {
    total.calls.revenue += calls.revenue;
    total.calls.payout += calls.payout;
    total.ledger.revenue += ledger.revenue;
    total.ledger.payout += ledger.payout;
  }
  return total;
}

function wrongDays({ days }: AuditReport): string[] {
  const wrong = [...days].filter(([, sums]) => differs(sums));
  return wrong.map(([day, { calls, ledger }]) => {
    const pair = (sums: Sums['calls']) => `${amount(sums.revenue)}/${amount(sums.payout)}`;
    return `  ${day}  calls ${pair(calls)}  ledgers ${pair(ledger)}`;
  });
}

function findingLines({ findings, findingCount }: AuditReport): string[] {
  if (findingCount === 0) return ['Everything adds up.'];
  const widest = Math.max(...findings.map(({ check }) => check.length));
  const rows = findings.map(
    ({ callUuid, check, what }) => `  ${callUuid.padEnd(36)}  ${check.padEnd(widest)}  ${what}`,
  );
  const more = findingCount > findings.length ? [`  … and ${findingCount - findings.length} more`] : [];
  return [`${findingCount} things do not add up:`, ...rows, ...more];
}

function amount(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros;
  const unit = BigInt(MICROS_PER_UNIT);
  const fraction = String(magnitude % unit)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${micros < 0n ? '-' : ''}${magnitude / unit}.${fraction}`;
}
