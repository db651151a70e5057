import { Command } from 'commander';
import { routingFacts } from '../calls/routing-facts.ts';
import { loadConfig } from '../config.ts';
import { currentAccount } from '../current-account.ts';
import type { CallTag } from '../domain/call-tag.ts';
import { type DryRunQuery, dryRun } from '../domain/dry-run.ts';
import { parseInstant, parseTimeZone } from '../domain/wall-time.ts';
import { dryRunJson } from '../http/json/dry-run-json.ts';
import { addTag } from './add-tag.ts';
import { routeText } from './route-text.ts';
import { databaseFile, say, withDatabase } from './run-command.ts';

interface RouteOptions {
  readonly number: string;
  readonly caller?: string;
  readonly tag?: readonly CallTag[];
  readonly at?: string;
  readonly zone?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  bridge route --number +18005550100
  bridge route --number +18005550100 --caller +12025550143 --tag state=CA --tag age=34
  bridge route --number +18005550100 --at 2026-11-01T03:30 --zone America/New_York
  bridge route --number +18005550100 --json

Reads the account and the database of the settings (ACCOUNT_SOURCE, ACCOUNT_FILE, DATA_DIR); the service may run or not. Nothing is
dialled and nothing changed. A time that comes twice, as clocks are set back, is the first one: add an offset for the other.
Whether destinations answer health checks is only known to the running service: POST /api/v1/route asks it the same question.`;

export const routeCommand = new Command('route')
  .description('Says who would get a call, and why nobody else would.')
  .requiredOption('--number <number>', 'the number that is dialled')
  .option('--caller <number>', "the caller's number; without it, a caller who hides it")
  .option('--tag <name=value>', 'a tag of the call beside those of its number; may be repeated', addTag)
  .option('--at <time>', 'when the call comes, like 2026-11-01T03:30; now, if left out')
  .option('--zone <zone>', "time zone of --at and of what is shown; the account's time_zone, if left out")
  .option('--json', 'for programs: what POST /api/v1/route answers')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(route);

async function route({ number, caller, tag = [], at, zone, json }: RouteOptions): Promise<void> {
  const config = loadConfig(process.env);
  const account = await currentAccount(config);
  const timeZone = zone === undefined ? account.timeZone : parseTimeZone(zone);
  const instant = at === undefined ? undefined : parseInstant(at, timeZone);
  const request = { dialedNumber: number, callerNumber: caller, tags: tag, at: instant };
  const run = await withDatabase(databaseFile(config.DATA_DIR), (database) => {
    const facts = database && ((query: DryRunQuery) => database.read(routingFacts, query));
    return dryRun(request, { account, now: Date.now(), facts, isReachable: undefined });
  });
  say(json === true ? JSON.stringify(dryRunJson(run), undefined, 2) : routeText(run, timeZone));
}
