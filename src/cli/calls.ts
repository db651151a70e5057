import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { type AskingOptions, asking, collected } from './asking.ts';
import { type Json, OperatorApi } from './operator-api.ts';
import { CommandError, say } from './run-command.ts';
import { bold, dim, green, red, yellow } from './style.ts';
import { formatTable } from './table.ts';

interface ListOptions extends AskingOptions {
  readonly limit: string;
  readonly where: readonly string[];
}

const EXAMPLES = `
Examples:
  bridge calls list --where buyer_id=acme --where status=converted
  bridge calls list --where from=2026-03-01 --limit 200 --json
  bridge calls tail
  bridge calls live
  bridge calls sip 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60 --full
  bridge calls hang-up 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60

Asks the running service (HTTP_HOST, HTTP_PORT, OPERATOR_TOKEN; or --url). docs/http-api.md lists the filters; bridge explain UUID
says why a call went where it went.`;

export const callsCommand = new Command('calls')
  .description('Calls there were and calls that are up; watch them, hang one up.')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all commands and examples.')
  .addCommand(
    asking('list', 'The newest calls that fit.')
      .option('--where <filter=value>', 'only those; may be repeated', collected, [])
      .option('--limit <count>', 'how many at most', '20')
      .action(list),
  )
  .addCommand(asking('live', 'Calls that are up.').action(live))
  .addCommand(asking('tail', 'Each call as it comes, is answered, ends and is decided, until Ctrl-C.').action(tail))
  .addCommand(
    asking('sip', 'The SIP messages of a call, both legs, where they are kept (SIP_MESSAGES_DAYS).')
      .argument('<uuid>')
      .option('--full', 'whole messages, not their first lines')
      .action(sipMessages),
  )
  .addCommand(asking('hang-up', 'Ends a call that is up: both sides get BYE.').argument('<uuid>').action(hangUp));

async function list(options: ListOptions): Promise<void> {
  const wanted = Number(options.limit);
  if (!Number.isInteger(wanted) || wanted < 1) throw new CommandError('--limit: write a number from 1 on.');
  const calls = await newest(new OperatorApi(options), filters(options.where), wanted);
  say(options.json ? JSON.stringify({ calls }, undefined, 2) : callsText(calls));
}

/** Page after page: one may be empty and not the last. */
async function newest(api: OperatorApi, filter: URLSearchParams, wanted: number): Promise<Json[]> {
  const calls: Json[] = [];
  for (let before: string | null = ''; before !== null && calls.length < wanted; ) {
    const query = new URLSearchParams(filter);
    query.set('limit', `${Math.min(500, wanted - calls.length)}`);
    if (before !== '') query.set('before', before);
    const page: Json = await api.get(`/calls?${query}`);
    calls.push(...page['calls']);
    before = page['next'];
  }
  return calls;
}

function filters(where: readonly string[]): URLSearchParams {
  const pairs = where.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 1) throw new CommandError(`--where ${text}: write it like buyer_id=acme.`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return new URLSearchParams(pairs);
}

async function live(options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).get('/live-calls');
  say(options.json ? JSON.stringify(answer, undefined, 2) : callsText(answer['calls']));
}

function callsText(calls: readonly Json[]): string {
  if (calls.length === 0) return 'None.';
  const heads = ['call', 'start', 'caller', 'number', 'buyer', 'talked', 'how it ended', 'status', 'revenue', 'payout'];
  const rows = calls.map((call) => [
    call['call_uuid'],
    dim(call['start_time']),
    call['caller_number'] ?? 'hidden',
    call['dialed_number'],
    call['buyer_id'] ?? '',
    call['connected_seconds'] === null ? '' : `${call['connected_seconds']} s`,
    endOf(call),
    statusOf(call),
    call['revenue'],
    call['payout'],
  ]);
  const money = new Set(['talked', 'revenue', 'payout']);
  return formatTable(
    heads.map((head) => ({ head, ...(money.has(head) ? { align: 'right' as const } : {}) })),
    rows,
  );
}

function endOf(call: Json): string {
  if (call['end_time'] === null) return call['answer_time'] === null ? yellow('is being placed') : green('is up');
  return call['outcome'] === 'completed'
    ? call['outcome_reason']
    : red(`${call['outcome']}: ${call['outcome_reason']}`);
}

function statusOf(call: Json): string {
  return call['status'] === 'converted' ? green('converted') : call['status'];
}

const LOOK_EVERY_MS = 1_000;
/** Looked at each time: more calls than come in a second, and those of before whose state may still change. */
const WATCHED = 200;

async function tail(options: AskingOptions): Promise<void> {
  const api = new OperatorApi(options);
  const seen = new Map<string, string>();
  for (let isFirst = true; ; isFirst = false) {
    const { calls } = await api.get(`/calls?limit=${WATCHED}`);
    for (const call of (calls as Json[]).reverse()) {
      const state = stateOf(call);
      if (!isFirst && seen.get(call['call_uuid']) !== state) {
        say(
          options.json
            ? JSON.stringify(call)
            : `${dim(new Date().toISOString())}  ${bold(call['call_uuid'])}  ${lineOf(call)}`,
        );
      }
      seen.set(call['call_uuid'], state);
    }
    for (const uuid of [...seen.keys()].slice(0, Math.max(0, seen.size - 5 * WATCHED))) seen.delete(uuid);
    if (isFirst && !options.json) say(dim(`watching; ${calls.length} calls before these are not shown`));
    await sleep(LOOK_EVERY_MS);
  }
}

/** Changes when there is something to tell. */
function stateOf({ answer_time, end_time, status, revenue, payout }: Json): string {
  return [answer_time !== null, end_time !== null, status, revenue, payout].join(' ');
}

function lineOf(call: Json): string {
  const parties = `${call['caller_number'] ?? 'hidden'} → ${call['dialed_number']}`;
  if (call['end_time'] === null) {
    return call['answer_time'] === null
      ? `${yellow('arrived')}  ${parties}`
      : `${green('answered')} by ${call['buyer_id'] ?? 'the last resort'}`;
  }
  const money = call['status'] === 'converted' ? `  revenue ${call['revenue']}, payout ${call['payout']}` : '';
  return `${endOf(call)}  ${call['connected_seconds'] ?? 0} s  ${statusOf(call)}${money}`;
}

async function hangUp(uuid: string, options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).post(`/live-calls/${encodeURIComponent(uuid)}/hang-up`);
  say(options.json ? JSON.stringify(answer, undefined, 2) : `${uuid} is over.`);
}

async function sipMessages(uuid: string, options: AskingOptions & { readonly full?: true }): Promise<void> {
  const answer = await new OperatorApi(options).get(`/calls/${encodeURIComponent(uuid)}/sip-messages`);
  const messages: readonly Json[] = answer['messages'];
  if (options.json) say(JSON.stringify(answer, undefined, 2));
  else if (messages.length === 0)
    say('No SIP message of this call is kept: SIP_MESSAGES_DAYS was not set, or is over.');
  else say(messages.map((each) => sipMessageText(each, options.full === true)).join('\n'));
}

/** Carrier on the left, buyers on the right, as ladders are drawn. */
function sipMessageText({ time, leg, direction, peer, message }: Json, full: boolean): string {
  const isRight = (leg === 'a') === (direction === 'received');
  const first = String(message).split('\r\n', 1)[0] ?? '';
  const failed = /^SIP\/2\.0 [4-6]/.test(first);
  const line = failed ? red(first) : /^SIP/.test(first) ? green(first) : bold(first);
  const head = `${dim(time)}  ${leg === 'a' ? 'carrier' : '  buyer'} ${isRight ? '──▶' : '◀──'} ${line}  ${dim(peer)}`;
  return full ? `${head}\n${String(message).trimEnd().replaceAll(/^/gm, '    ')}\n` : head;
}
