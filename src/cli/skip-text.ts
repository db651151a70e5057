import type { SkippedBuyer, SkipReason } from '../domain/routing.ts';
import type { SkipCounts } from '../domain/routing-trace.ts';
import { dim, yellow } from './style.ts';
import { formatTable } from './table.ts';

/** `outside opening hours` */
export function reasonText(reason: SkipReason): string {
  return reason.replaceAll('_', ' ');
}

/** A table of who was left out and why, and how many more by reason. */
export function skipsText(skipped: readonly SkippedBuyer[], leftOut: SkipCounts): string {
  const rows = skipped.map(({ buyerId, reason, detail }) => [buyerId, yellow(reasonText(reason)), detail]);
  const table = formatTable([{ head: 'buyer' }, { head: 'reason' }, { head: 'detail' }], rows);
  const more = Object.entries(leftOut) as [SkipReason, number][];
  if (more.length === 0) return table;
  const total = more.reduce((sum, [, count]) => sum + count, 0);
  const each = more.map(([reason, count]) => `${count} ${reasonText(reason)}`).join(', ');
  return `${table}\n${dim(`  and ${total} more: ${each}`)}`;
}

/** The first so many of them, and the others by number. */
export function firstSkips(skipped: readonly SkippedBuyer[], most: number): [SkippedBuyer[], SkipCounts] {
  const counts: Partial<Record<SkipReason, number>> = {};
  for (const { reason } of skipped.slice(most)) counts[reason] = (counts[reason] ?? 0) + 1;
  return [skipped.slice(0, most), counts];
}
