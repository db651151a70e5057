import { type AskingOptions, asking } from './asking.ts';
import { type Json, OperatorApi } from './operator-api.ts';
import { say } from './run-command.ts';
import { bold, dim, green, red, yellow } from './style.ts';

interface Options extends AskingOptions {
  readonly limit: string;
}

const EXAMPLES = `
Examples:
  bridge changes
  bridge changes --limit 200 --json

Asks the running service (HTTP_HOST, HTTP_PORT, OPERATOR_TOKEN; or --url).`;

export const changesCommand = asking('changes', 'Who changed what, and from where, the newest last.')
  .option('--limit <count>', 'how many', '20')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(list);

async function list(options: Options): Promise<void> {
  const answer = await new OperatorApi(options).get(`/changes?${new URLSearchParams({ limit: options.limit })}`);
  const changes: readonly Json[] = answer['changes'];
  if (options.json) say(JSON.stringify(answer, undefined, 2));
  else say(changes.length === 0 ? 'Nothing was changed yet.' : [...changes].reverse().map(changeText).join('\n'));
}

function changeText({ time, actor, source_address, action, detail, http_status }: Json): string {
  const head = `${dim(time)}  ${bold(actor)}${source_address === null ? '' : dim(` ${source_address}`)}  ${action}`;
  if (action === 'account') return [head, ...(detail as Json[]).map(entityText)].join('\n');
  const status = http_status ?? 'not answered';
  return `${head}  ${http_status < 400 ? green(String(status)) : red(String(status))}  ${dim(JSON.stringify(detail))}`;
}

const SIGNS: Readonly<Record<string, string>> = { added: green('+'), removed: red('-'), changed: yellow('~') };

function entityText({ kind, id, change }: Json): string {
  return `    ${SIGNS[change] ?? ''} ${kind} ${id}`;
}
