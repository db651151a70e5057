import { Command, Option } from 'commander';
import { ROLES } from '../domain/access.ts';
import { type AskingOptions, asking, collected } from './asking.ts';
import { type Json, OperatorApi } from './operator-api.ts';
import { CommandError, say } from './run-command.ts';
import { dim, green, red, yellow } from './style.ts';
import { formatTable } from './table.ts';

const EXAMPLES = `
Examples:
  bridge tokens list
  bridge tokens create "Grafana" --role read_only --scope metrics:read
  bridge tokens create "Radio Rancho" --role publisher --publisher radio --grant channel --days 365
  bridge tokens revoke 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60

Asks the running service (HTTP_HOST, HTTP_PORT, OPERATOR_TOKEN; or --url). docs/security.md says what each role may do.`;

export const tokensCommand = new Command('tokens')
  .description('Who may use the API beside you, and what they may do.')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all commands and examples.')
  .addCommand(asking('list', 'Every token there ever was.').action(list))
  .addCommand(
    asking('create', 'A token, shown this once.')
      .argument('<name>', 'whose it is')
      .addOption(new Option('--role <role>', 'what it may do at most').choices([...ROLES]).makeOptionMandatory())
      .option('--scope <scope>', 'less than the role may do; may be repeated', collected, [])
      .option('--publisher <id>', 'with the role publisher: whose calls it sees')
      .option(
        '--grant <tag>',
        'with the role publisher: a tag it sees, or caller_number; may be repeated',
        collected,
        [],
      )
      .option('--days <count>', 'how long it is good; for ever when left out')
      .action(create),
  )
  .addCommand(asking('revoke', 'From now on it opens nothing.').argument('<id>').action(revoke));

async function list(options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).get('/api-tokens');
  const tokens: readonly Json[] = answer['api_tokens'];
  if (options.json) say(JSON.stringify(answer, undefined, 2));
  else say(tokens.length === 0 ? 'There is no token beside OPERATOR_TOKEN.' : tokensText(tokens));
}

function tokensText(tokens: readonly Json[]): string {
  const rows = tokens.map((each) => [
    each['api_token_id'],
    each['name'],
    each['publisher_id'] === null ? each['role'] : `${each['role']} ${each['publisher_id']}`,
    stateOf(each),
    each['last_used_time'] ?? dim('never used'),
  ]);
  return formatTable(
    ['id', 'name', 'role', 'state', 'last used'].map((head) => ({ head })),
    rows,
  );
}

function stateOf(token: Json): string {
  if (token['revoked_time'] !== null) return red('revoked');
  if (token['expires_time'] === null) return green('good');
  return Date.parse(token['expires_time']) <= Date.now() ? red('expired') : yellow(`until ${token['expires_time']}`);
}

interface CreateOptions extends AskingOptions {
  readonly role: string;
  readonly scope: readonly string[];
  readonly publisher?: string;
  readonly grant: readonly string[];
  readonly days?: string;
}

const DAY_MS = 86_400_000;

async function create(name: string, options: CreateOptions): Promise<void> {
  const { role, scope, publisher, grant, days } = options;
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) throw new CommandError('--days: write a number from 1 on.');
  const answer = await new OperatorApi(options).post('/api-tokens', {
    name,
    role,
    ...(scope.length === 0 ? {} : { scopes: scope }),
    ...(publisher === undefined ? {} : { publisher_id: publisher }),
    ...(grant.length === 0 ? {} : { grants: grant }),
    ...(days === undefined ? {} : { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
  });
  if (options.json) say(JSON.stringify(answer, undefined, 2));
  else say(`${answer['token_shown_once']}\n${dim('Keep it: it is not shown again, and only its hash is stored.')}`);
}

async function revoke(id: string, options: AskingOptions): Promise<void> {
  const answer = await new OperatorApi(options).delete(`/api-tokens/${encodeURIComponent(id)}`);
  say(options.json ? JSON.stringify(answer, undefined, 2) : `${answer['name']} is revoked.`);
}
