import { join } from 'node:path';
import { Command } from 'commander';
import { audit } from '../audit/audit.ts';
import { auditJson, auditText } from '../audit/audit-text.ts';
import { openForAudit } from '../audit/open-for-audit.ts';
import { countCalls } from '../audit/read-calls.ts';
import { loadConfig } from '../config.ts';
import { Progress } from './progress.ts';

const DESCRIPTION = `Reads the database, also while the service runs, and says whether the money adds up: each call's money is its last ledger
row, no ledger has holes, nothing was decided twice, and the sums of calls and ledgers are equal day by day.
Ends with code 1 if something does not add up, 2 if it could not look.`;

const EXAMPLES = `
Examples:
  bridge audit
  bridge audit --from 2026-03-01 --to 2026-04-01
  bridge audit --json`;

export const auditCommand = new Command('audit')
  .summary('Says whether the money adds up.')
  .description(DESCRIPTION)
  .option('--from <date>', 'calls that started at or after this (2026-03-01, or 2026-03-01T08:00:00Z)')
  .option('--to <date>', 'calls that started before this')
  .option('--json', 'the report as JSON')
  .showHelpAfterError('Add --help for all options and examples.')
  .addHelpText('after', EXAMPLES)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(tryAudit);

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

/** Its own codes: what does not add up is not the same as not being able to look. */
function tryAudit(options: Options): void {
  try {
    process.exitCode = run(options);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}

/** Code the process ends with. */
function run({ from, to, json }: Options): number {
  const period = { from: instant('from', from), to: instant('to', to) };
  const database = openForAudit(join(loadConfig(process.env).DATA_DIR, 'bridge.sqlite'));
  try {
    const progress = new Progress('audit', process.stderr.isTTY ? countCalls(database, period) : 0);
    const report = audit(database, period, () => progress.step());
    progress.end();
    console.log(json ? JSON.stringify(auditJson(report), undefined, 2) : auditText(report));
    return report.findingCount === 0 ? 0 : 1;
  } finally {
    database.close();
  }
}

function instant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new Error(`--${name} ${text}: write a date like 2026-03-01, or with a time and its zone 2026-03-01T08:00:00Z`);
}
