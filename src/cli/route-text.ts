import type { Buyer } from '../domain/buyer.ts';
import type { DryRun } from '../domain/dry-run.ts';
import type { Candidate } from '../domain/routing.ts';
import { formatInstant } from '../domain/wall-time.ts';
import { firstSkips, skipsText } from './skip-text.ts';
import { bold, dim, green, red } from './style.ts';
import { formatTable } from './table.ts';

/** More would scroll away the answer; --json has them all. */
const MOST_SHOWN = 25;

/** A dry run for a person at a terminal. */
export function routeText(run: DryRun, timeZone: string): string {
  const parts = [headText(run, timeZone), verdict(run), turnsText(run)];
  if (run.plan.skipped.length > 0) {
    parts.push(`${bold('Why nobody else')}\n${skipsText(...firstSkips(run.plan.skipped, MOST_SHOWN))}`);
  }
  parts.push(afterText(run), ...unknownText(run));
  return parts.filter((part) => part !== '').join('\n\n');
}

function headText({ at, number, campaign, publisher, callerNumber, tags, lastCall }: DryRun, timeZone: string): string {
  const last =
    lastCall === undefined
      ? ''
      : `, last talked to ${lastCall.buyerId} ${formatInstant(lastCall.answeredAt, timeZone)}`;
  const lines = [
    [
      'number',
      `${number.number}, campaign ${campaign.id}${publisher === undefined ? '' : `, publisher ${publisher.id}`}`,
    ],
    ['caller', `${callerNumber ?? 'hidden'}${last}`],
    ['tags', tags.map(({ name, value }) => `${name}=${value}`).join('  ') || 'none'],
    ['at', formatInstant(at, timeZone)],
  ];
  return lines.map(([name = '', text = '']) => `${dim(name.padEnd(7))} ${text}`).join('\n');
}

/** The answer in a line: who is dialled first. */
function verdict({ plan: { candidates }, chances }: DryRun): string {
  const first = candidates.filter((_, index) => (chances[index] ?? 0) > 0);
  if (first.length === 0) return red(bold('No buyer gets this call.'));
  const only = first[0];
  if (first.length > 1) return green(bold(`One of ${first.length} is dialled first, by weight.`));
  const why = only?.isPreviousBuyer === true ? ', as it had this caller before' : '';
  return green(bold(`${only === undefined ? '' : names(only)} is dialled first${why}.`));
}

function turnsText({ plan: { candidates }, chances }: DryRun): string {
  if (candidates.length === 0) return '';
  const rows = candidates
    .slice(0, MOST_SHOWN)
    .map((candidate, index) => [
      candidate.isPreviousBuyer === true ? 'had caller' : String(candidate.priority),
      names(candidate),
      String(candidate.weight),
      chanceText(chances[index] ?? 0),
      candidate.buyers.map(secondsText).join(' + '),
    ]);
  const columns = [
    { head: 'priority' },
    { head: 'buyer' },
    { head: 'weight', align: 'right' },
    { head: 'dialled first', align: 'right' },
    { head: 'rings' },
  ] as const;
  const more = candidates.length - rows.length;
  const rest = more > 0 ? `\n${dim(`  and ${more} more, see --json`)}` : '';
  return `${bold('Who gets it')}\n${formatTable(columns, rows)}${rest}`;
}

/** `acme + bestco` ring at once. */
function names({ buyers }: Candidate): string {
  return buyers.map(({ id }) => id).join(' + ');
}

function secondsText({ ringTimeoutSeconds }: Buyer): string {
  return `${ringTimeoutSeconds} s`;
}

function chanceText(chance: number): string {
  return chance === 0 ? dim('-') : `${Number((chance * 100).toFixed(1))} %`;
}

function afterText({ campaign: { lastResort: destination } }: DryRun): string {
  const where = destination?.kind === 'number' ? destination.number : destination?.uri;
  if (where !== undefined) return dim(`If nobody takes it, it goes to the last resort, ${where}.`);
  return dim('If nobody takes it, the caller gets the last status, or 480 when nobody was tried.');
}

function unknownText({ isUnknown }: DryRun): string[] {
  const notes = [];
  if (isUnknown.database) notes.push('No database yet: caps, earlier calls and carried tags are left out (DATA_DIR).');
  if (isUnknown.health)
    notes.push('Health of destinations is not known here: POST /api/v1/route asks the running service.');
  return notes.length === 0 ? [] : [dim(notes.join('\n'))];
}
