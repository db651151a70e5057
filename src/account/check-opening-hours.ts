import type { Buyer } from '../domain/buyer.ts';
import { type WeekSpan, wallClock, weekSpans } from '../domain/opening-hours.ts';
import { MINUTES_PER_WEEK } from '../domain/zone-clock.ts';
import type { AccountProblem } from './account-problem.ts';

/** Blocks of one buyer that say the same time twice: one of them is a mistake, and nobody can tell which. */
export function overlappingHours(buyers: readonly Pick<Buyer, 'openingHours'>[]): AccountProblem[] {
  return buyers.flatMap(({ openingHours }, index) => {
    const found = firstOverlap(weekSpans(openingHours));
    if (found === undefined) return [];
    const [earlier, later] = found;
    const path = ['buyers', index, 'opening_hours', later.block];
    return [{ path, message: describe(earlier, later) }];
  });
}

/** Two spans that run at the same time, in the order of the list; the spans are sorted, and Sunday's night ends on Monday. */
function firstOverlap(spans: readonly WeekSpan[]): [WeekSpan, WeekSpan] | undefined {
  const first = spans[0];
  if (first === undefined) return undefined;
  const around = { ...first, start: first.start + MINUTES_PER_WEEK, end: first.end + MINUTES_PER_WEEK };
  const after = [...spans.slice(1), ...(spans.length > 1 ? [around] : [])];
  for (const [index, next] of after.entries()) {
    const span = spans[index]!;
    if (span.end > next.start) return span.block <= next.block ? [span, next] : [next, span];
  }
  return undefined;
}

function describe(a: WeekSpan, b: WeekSpan): string {
  const from = Math.max(a.start, b.start);
  const until = Math.min(a.end, b.end);
  const time = `${wallClock(from % MINUTES_PER_WEEK)} to ${wallClock(until % MINUTES_PER_WEEK)}`;
  if (a.block === b.block) return 'lists a day twice: remove one of the two';
  return `overlaps block ${a.block + 1} of the list from ${time}: shorten or remove one of the two`;
}
