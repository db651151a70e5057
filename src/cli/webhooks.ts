import { Command, Option } from 'commander';
import { type AskingOptions, asking } from './asking.ts';
import { type Json, OperatorApi } from './operator-api.ts';
import { say } from './run-command.ts';
import { bold, dim, green, red, yellow } from './style.ts';
import { formatTable } from './table.ts';

const EXAMPLES = `
Examples:
  bridge webhooks list
  bridge webhooks deliveries crm-answered --state dead
  bridge webhooks test crm-answered --show
  bridge webhooks replay crm-answered --since 2026-03-01T12:00:00Z
  bridge webhooks switch-on crm-answered

Asks the running service (HTTP_HOST, HTTP_PORT, OPERATOR_TOKEN; or --url). docs/webhooks.md says what webhooks do.`;

export const webhooksCommand = new Command('webhooks')
  .description('How webhooks are doing, and what to do when they do not arrive.')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all commands and examples.')
  .addCommand(asking('list', 'Each webhook, whether it is on, and since when it fails.').action(list))
  .addCommand(
    asking('deliveries <id>', 'Its deliveries with every try, the newest first.')
      .addOption(new Option('--state <state>', 'which ones').choices(['due', 'delivered', 'dead']).default('dead'))
      .option('--limit <count>', 'how many', '20')
      .action(deliveries),
  )
  .addCommand(
    asking('replay <id>', 'Sends what was given up once more, under the event ids it had.')
      .requiredOption('--since <time>', 'given up since then, like 2026-03-01T12:00:00Z')
      .action(replay),
  )
  .addCommand(asking('replay-one <delivery>', 'Sends one finished delivery once more.').action(replayOne))
  .addCommand(
    asking('test <id>', 'Sends one request with the values of a sample; nothing is stored.')
      .option('--call <uuid>', 'with the values of this call instead')
      .option('--show', 'only show the request')
      .action(test),
  )
  .addCommand(asking('switch-on <id>', 'Its endpoint was looked at: deliver again.').action(switchOn))
  .addCommand(asking('secret <id>', 'What its receiver checks signatures with.').action(secret))
  .addCommand(
    asking('rotate-secret <id>', 'A new secret; requests are signed with both for a while.')
      .option('--keep-hours <hours>', 'how long the old one stays good', '24')
      .action(rotateSecret),
  );

const path = (id: string, rest = '') => `/webhooks/${encodeURIComponent(id)}${rest}`;

function tell(answer: Json, { json }: AskingOptions, text: () => string): void {
  say(json === true ? JSON.stringify(answer, undefined, 2) : text());
}

async function list(options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).get('/webhooks');
  tell(answer, options, () =>
    answer['webhooks'].length === 0 ? 'There is no webhook.' : webhooksText(answer['webhooks']),
  );
}

function webhooksText(webhooks: readonly Json[]): string {
  const rows = webhooks.map((each) => [
    each['webhook_id'],
    each['campaign_id'],
    each['trigger'],
    each['state'] === 'on' ? green('on') : red(`off (${each['off_reason']})`),
    each['failing_since'] === null ? '' : yellow(each['failing_since']),
    `${each['method']} ${each['url']}`,
  ]);
  const heads = ['webhook', 'campaign', 'trigger', 'state', 'failing since', 'request'];
  return formatTable(
    heads.map((head) => ({ head })),
    rows,
  );
}

async function deliveries(id: string, options: AskingOptions & { state: string; limit: string }): Promise<void> {
  const query = new URLSearchParams({ state: options.state, limit: options.limit });
  const answer = await new OperatorApi(options).get(path(id, `/deliveries?${query}`));
  tell(answer, options, () =>
    answer['deliveries'].length === 0
      ? `None is ${options.state}.`
      : answer['deliveries'].map(deliveryText).join('\n\n'),
  );
}

function deliveryText(delivery: Json): string {
  const head = `${bold(delivery['delivery_id'])}  call ${delivery['call_uuid']}`;
  const due = delivery['due_time'] === null ? [] : [`  next try ${delivery['due_time']}`];
  return [head, ...delivery['tries'].map(tryText), ...due].join('\n');
}

function tryText(each: Json): string {
  const isFine = each['http_status'] >= 200 && each['http_status'] <= 299;
  const status = each['http_status'] ?? 'no answer';
  const what = isFine ? green(`${status}`) : red(`${status}`);
  return `  ${dim(each['time'])}  ${what}  ${each['elapsed_seconds']} s  ${each['error'] ?? firstLine(each['answer'])}`;
}

function firstLine(answer: string | null): string {
  return dim((answer ?? '').split('\n', 1)[0]?.slice(0, 100) ?? '');
}

async function replay(id: string, options: AskingOptions & { since: string }): Promise<void> {
  const answer = await new OperatorApi(options).post(path(id, '/replay'), { since: options.since });
  tell(answer, options, () => `${answer['replayed']} go out again.`);
}

async function replayOne(delivery: string, options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).post(`/deliveries/${encodeURIComponent(delivery)}/replay`);
  tell(answer, options, () => 'It goes out again.');
}

async function test(id: string, options: AskingOptions & { call?: string; show?: true }): Promise<void> {
  const body = { send: options.show !== true, ...(options.call === undefined ? {} : { call_uuid: options.call }) };
  const answer = await new OperatorApi(options).post(path(id, '/test'), body);
  tell(answer, options, () => trialText(answer));
  const status = answer['result']?.http_status;
  if (options.show !== true && !(status >= 200 && status <= 299)) process.exitCode = 1;
}

function trialText({ request, result }: Json): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `${dim(`${name}:`)} ${value}`);
  const sent = [
    `${bold(request.method)} ${request.url}`,
    ...headers,
    ...(request.body === null ? [] : ['', request.body]),
  ];
  if (result === undefined) return sent.join('\n');
  const tags = (result.tags ?? []).map(({ name, value }: Json) => `  tag ${name}=${value}`);
  const problem = result.problem == null ? [] : [red(`  ${result.problem}`)];
  return [...sent, '', tryText({ ...result, time: 'answer' }).trim(), ...tags, ...problem].join('\n');
}

async function switchOn(id: string, options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).post(path(id, '/switch-on'));
  tell(
    answer,
    options,
    () => `${id} is ${answer['state']}. What was given up meanwhile waits for: bridge webhooks replay ${id} --since …`,
  );
}

async function secret(id: string, options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).get(path(id, '/secret'));
  tell(answer, options, () => secretsText(answer));
}

async function rotateSecret(id: string, options: AskingOptions & { keepHours: string }): Promise<void> {
  const answer = await new OperatorApi(options).post(path(id, '/rotate-secret'), { keep_hours: options.keepHours });
  tell(answer, options, () => secretsText(answer));
}

function secretsText(answer: Json): string {
  const previous = answer['previous_secret'];
  if (previous === null) return answer['secret'];
  return `${answer['secret']}\n${previous}  ${dim(`good until ${answer['previous_valid_until']}`)}`;
}
