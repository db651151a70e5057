import type { CallRecord } from '../calls/get-call.ts';
import type { RoutingTrace, TracedAnswer, TracedCandidate } from '../domain/routing-trace.ts';
import { formatInstant } from '../domain/wall-time.ts';
import type { AttemptRow, CallRow } from '../store/tables.ts';
import { skipsText } from './skip-text.ts';
import { bold, dim, green, red } from './style.ts';
import { formatTable } from './table.ts';

/** The way of a call for a person at a terminal. */
export function explainText({ call, tags, routing, attempts }: CallRecord, timeZone: string): string {
  const trace = routing && (JSON.parse(routing.trace_json) as RoutingTrace);
  const tagText = tags.map(({ name, value }) => `${name}=${value}`).join('  ') || 'none';
  return [
    headText(call, tagText, timeZone),
    outcomeText(call),
    answersText(trace?.answers ?? []),
    trace === undefined ? dim('It was never routed.') : planText(trace),
    attemptsText(attempts),
    trace !== undefined && trace.skipped.length > 0
      ? `${bold('Left out')}\n${skipsText(trace.skipped, trace.skippedLeftOut)}`
      : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headText(call: CallRow, tags: string, timeZone: string): string {
  const publisher = call.publisher_id === null ? '' : `, publisher ${call.publisher_id}`;
  const lines = [
    ['call', call.uuid],
    ['number', `${call.dialed_number}, campaign ${call.campaign_id}${publisher}`],
    ['caller', `${call.caller_number ?? 'hidden'}, by carrier ${call.carrier_id}`],
    ['tags', tags],
    ['start', formatInstant(call.started_at, timeZone)],
  ];
  return lines.map(([name = '', text = '']) => `${dim(name.padEnd(7))} ${text}`).join('\n');
}

function outcomeText(call: CallRow): string {
  const status = call.sip_status === null ? '' : `, SIP status ${call.sip_status}`;
  const end =
    call.ended_at === null ? ', still going on' : `, ended by ${call.hung_up_by ?? 'nobody'}: ${call.outcome}`;
  const why = call.outcome_reason === null ? '' : ` (${call.outcome_reason})`;
  if (call.answered_at === null) return red(bold(`Nobody took it${end}${why}${status}.`));
  const talked = call.ended_at === null ? '' : `, talked ${seconds(call.ended_at - call.answered_at)}`;
  return green(bold(`${call.buyer_id ?? 'The last resort'} took it${talked}${end}${why}.`));
}

/** What webhooks told while the call waited for them. */
function answersText(answers: readonly TracedAnswer[]): string {
  if (answers.length === 0) return '';
  const rows = answers.map(({ webhookId, trigger, elapsedMs, tags, problem }) => [
    webhookId,
    trigger,
    `${elapsedMs} ms`,
    tags.map(({ name, value }) => `${name}=${value}`).join('  ') || dim('nothing'),
    problem === undefined ? '' : red(problem),
  ]);
  const columns = [
    { head: 'webhook' },
    { head: 'asked at' },
    { head: 'took', align: 'right' },
    { head: 'told' },
    { head: '' },
  ] as const;
  return `${bold('Asked for data')}\n${formatTable(columns, rows)}`;
}

function planText({ candidates, candidatesLeftOut }: RoutingTrace): string {
  if (candidates.length === 0) return 'No buyer could take it when it came.';
  const rows = candidates.map((candidate, index) => [
    String(index + 1),
    candidate.buyerIds.join(' + '),
    String(candidate.priority),
    String(candidate.weight),
    noteOn(candidate),
  ]);
  const columns = [
    { head: 'turn', align: 'right' },
    { head: 'buyer' },
    { head: 'priority', align: 'right' },
    { head: 'weight', align: 'right' },
    { head: '' },
  ] as const;
  const more = candidatesLeftOut > 0 ? `\n${dim(`  and ${candidatesLeftOut} more`)}` : '';
  return `${bold('Who was to be dialled')}\n${formatTable(columns, rows)}${more}`;
}

function noteOn({ buyerIds, isPreviousBuyer }: TracedCandidate): string {
  if (isPreviousBuyer === true) return dim('had this caller before');
  return buyerIds.length > 1 ? dim('ring at once') : '';
}

function attemptsText(attempts: readonly AttemptRow[]): string {
  if (attempts.length === 0) return 'Nobody was dialled.';
  const rows = attempts.map((attempt) => [
    String(attempt.seq),
    attempt.buyer_id,
    attempt.destination,
    statusText(attempt),
    ringText(attempt),
    attempt.reason ?? '',
  ]);
  const columns = [
    { head: '#', align: 'right' },
    { head: 'buyer' },
    { head: 'destination' },
    { head: 'status', align: 'right' },
    { head: 'rang', align: 'right' },
    { head: 'reason' },
  ] as const;
  return `${bold('Attempts')}\n${formatTable(columns, rows)}`;
}

function statusText({ answered_at, sip_status }: AttemptRow): string {
  if (answered_at !== null) return green(String(sip_status ?? 200));
  return sip_status === null ? '-' : red(String(sip_status));
}

/** From the INVITE to the answer, or to the end. */
function ringText({ invited_at, answered_at, ended_at }: AttemptRow): string {
  const until = answered_at ?? ended_at;
  return until === null ? 'still' : seconds(until - invited_at);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
