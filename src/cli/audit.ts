import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { audit } from '../audit/audit.ts';
import { auditJson, auditText } from '../audit/audit-text.ts';
import { openForAudit } from '../audit/open-for-audit.ts';
import { loadConfig } from '../config.ts';

const HELP = `Usage: npm run audit -- [--from DATE] [--to DATE] [--json]

Reads the database, also while the service runs, and says whether the money adds up: each call's money is its last ledger
row, no ledger has holes, nothing was decided twice, and the sums of calls and ledgers are equal day by day.

  --from DATE  calls that started at or after this (2026-03-01, or with a time: 2026-03-01T08:00:00Z)
  --to DATE    calls that started before this
  --json       the report as JSON

Ends with code 1 if something does not add up, 2 if it could not look.`;

/** Code the process ends with. */
function run(): number {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, to: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return print(HELP, 0);
  const period = { from: instant('from', values.from), to: instant('to', values.to) };
  const database = openForAudit(join(loadConfig(process.env).DATA_DIR, 'bridge.sqlite'));
  try {
    const report = audit(database, period);
    const code = report.findingCount === 0 ? 0 : 1;
    return print(values.json ? JSON.stringify(auditJson(report), undefined, 2) : auditText(report), code);
  } finally {
    database.close();
  }
}

function print(text: string, code: number): number {
  console.log(text);
  return code;
}

function instant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new Error(`--${name} ${text}: write a date like 2026-03-01, or with a time and its zone 2026-03-01T08:00:00Z`);
}

try {
  process.exitCode = run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
