import { Command } from 'commander';
import { getCall } from '../calls/get-call.ts';
import { loadConfig } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { parseUuid } from '../domain/ids.ts';
import { parseTimeZone } from '../domain/wall-time.ts';
import { callRoutingJson } from '../http/json/call-routing-json.ts';
import { explainText } from './explain-text.ts';
import { databaseFile, say, withDatabase } from './run-command.ts';

const EXAMPLES = `
Examples:
  bridge explain 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60
  bridge explain 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60 --zone America/New_York
  bridge explain 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60 --json

Reads the database of the settings (DATA_DIR); the service may run or not. GET /api/v1/calls lists the uuids of calls, and
GET /api/v1/calls/{uuid} has the rest of a call's history.`;

export const explainCommand = new Command('explain')
  .description('Says why a call went where it went: candidates, buyers left out and why, attempts, outcome.')
  .argument('<uuid>', 'the uuid of the call')
  .option('--zone <zone>', 'time zone of what is shown', 'UTC')
  .option('--json', 'for programs')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(explain);

async function explain(text: string, { zone, json }: { readonly zone: string; readonly json?: true }): Promise<void> {
  const timeZone = parseTimeZone(zone);
  const uuid = parseUuid(text);
  if (uuid === undefined)
    throw new AppError('call_unknown', `"${text}" is not the uuid of a call: GET /api/v1/calls lists them`);
  const file = databaseFile(loadConfig(process.env).DATA_DIR);
  const record = await withDatabase(file, async (database) => {
    if (database === undefined) throw new AppError('call_unknown', `there is no database ${file}: set DATA_DIR`);
    return database.read(getCall, { uuid });
  });
  if (record === undefined) throw new AppError('call_unknown', `there is no call ${uuid} in ${file}`);
  say(json === true ? JSON.stringify(callRoutingJson(record), undefined, 2) : explainText(record, timeZone));
}
