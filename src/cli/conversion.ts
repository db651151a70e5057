import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config.ts';
import { currentAccount } from '../current-account.ts';
import { type ConversionTrial, campaignNamed, tryConversion } from '../domain/conversion-trial.ts';
import { formatMoney } from '../domain/money.ts';
import { conversionTrialJson } from '../http/json/conversion-trial-json.ts';
import { addTag } from './add-tag.ts';
import { say } from './run-command.ts';
import { dim, green, yellow } from './style.ts';
import { formatTable } from './table.ts';

type Tags = ReturnType<typeof addTag>;

interface ConversionOptions {
  readonly campaign: string;
  readonly buyer?: string;
  readonly tag?: Tags;
  readonly query?: string;
  readonly connected?: number;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  bridge conversion --campaign auto-insurance --buyer acme --query revenue=10.00
  bridge conversion --campaign auto-insurance --buyer bestco --query 'foo=1&sale=true'
  bridge conversion --campaign auto-insurance --tag state=CA --connected 120 --json

Reads the account (ACCOUNT_SOURCE, ACCOUNT_FILE) and nothing else; nothing is stored. The running service answers the same to
POST /api/v1/conversion-groups/test.`;

export const conversionCommand = new Command('conversion')
  .description('Says which conversion group would decide a call, and for what money.')
  .requiredOption('--campaign <id>', 'campaign of the call')
  .option('--buyer <id>', 'buyer that answered it')
  .option('--tag <name=value>', 'a tag of the call; may be repeated', addTag)
  .option('--query <text>', 'what is posted: query string or form, like revenue=10.00')
  .option('--connected <seconds>', 'how long it was connected', seconds)
  .option('--json', 'for programs: what POST /api/v1/conversion-groups/test answers')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(conversion);

async function conversion({ campaign, buyer, tag = [], query, connected = 0, json }: ConversionOptions): Promise<void> {
  const { campaigns } = await currentAccount(loadConfig(process.env));
  const call = { buyerId: buyer, tags: tag, query, connectedSeconds: connected };
  const trial = tryConversion(campaignNamed(campaigns, campaign), call);
  say(json === true ? JSON.stringify(conversionTrialJson(trial), undefined, 2) : trialText(trial));
}

function trialText({ groups, verdict, windowSeconds }: ConversionTrial): string {
  const fits = { yes: green('decides'), no: 'does not fit', not_asked: dim('not asked') };
  const rows = groups.map(({ id, name, fits: each, unmet }) => [id, name, fits[each], unmet ?? '']);
  const table = formatTable([{ head: 'group' }, { head: 'name' }, { head: '' }, { head: 'why' }], rows);
  const window =
    windowSeconds > 0 ? [dim(`A postback may decide until ${windowSeconds} s after the end of the call.`)] : [];
  if (verdict.kind === 'none') return [table, '', yellow(`No conversion: ${verdict.reason}`), ...window].join('\n');
  const money = `Conversion: revenue ${formatMoney(verdict.revenueMicros)}, payout ${formatMoney(verdict.payoutMicros)}`;
  return [table, '', green(money), ...verdict.explanation.split('; ').map((step) => `  ${step}`), ...window].join('\n');
}

function seconds(text: string): number {
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a number of seconds, like 120.');
}
