import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { loadWrittenAccount } from '../account/load-account.ts';
import { type Config, loadConfig } from '../config.ts';
import { type AccountDifference, accountDifferences } from '../domain/account-document.ts';
import { isSecretField, withoutSecrets } from '../domain/masked.ts';
import { valueDifferences } from '../domain/value-differences.ts';
import type { Operations } from '../operations.ts';
import { readAccount } from '../store/account-rows.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { CommandError, databaseFile, say, withDatabase } from './run-command.ts';
import { bold, dim, green, red, yellow } from './style.ts';

interface Options {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  bridge account export > account.yaml
  bridge account plan account.yaml
  bridge account apply account.yaml
  bridge account apply account.yaml --yes --json

Works on the database of the settings (DATA_DIR); a running service with ACCOUNT_SOURCE=database takes a change over within two seconds.
With ACCOUNT_SOURCE=file the account is changed in its file, and export shows what the service last took from there.`;

export const accountCommand = new Command('account')
  .description('The account in the database: show it, see what a file would change, apply it.')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all commands and examples.')
  .addCommand(
    new Command('export')
      .description('The account as an account file, passwords included.')
      .option('--json', 'as JSON')
      .action(exportAccount),
  )
  .addCommand(
    new Command('plan')
      .description('Says what applying a file would change; changes nothing.')
      .argument('<file>', 'an account file')
      .option('--json', 'for programs')
      .action((file: string, options: Options) => change(file, { ...options, only: 'plan' })),
  )
  .addCommand(
    new Command('apply')
      .description('Shows what a file changes, asks, and puts the account into the database.')
      .argument('<file>', 'an account file')
      .option('--yes', 'do not ask')
      .option('--json', 'for programs')
      .action(change),
  );

async function exportAccount({ json }: Options): Promise<void> {
  const { document } = (await stored(loadConfig(process.env))) ?? {};
  if (document === undefined)
    throw new CommandError('The database has no account yet: bridge account apply account.yaml');
  say(json ? JSON.stringify(document, undefined, 2) : stringify(document).trimEnd());
}

interface ChangeOptions extends Options {
  readonly yes?: true;
  readonly only?: 'plan';
}

async function change(file: string, { json, yes, only }: ChangeOptions): Promise<void> {
  const config = loadConfig(process.env);
  const { account, document } = loadWrittenAccount(file);
  const before = await stored(config);
  const differences = accountDifferences(before?.document ?? {}, document);
  if (!json) say(differencesText(differences));
  if (only === 'plan') return tell(json, { applied: false, differences });
  if (config.ACCOUNT_SOURCE === 'file') {
    const remedy = `set ACCOUNT_SOURCE=database for the service first, or change ${config.ACCOUNT_FILE}`;
    throw new CommandError(`The service would go on with its account file: ${remedy}.`);
  }
  if (differences.length === 0) return tell(json, { applied: true, differences });
  if (!yes && !(await confirmed())) throw new CommandError('Nothing was changed.');
  await apply(config, { account, document, expectedRevision: before?.revision });
  if (json) tell(json, { applied: true, differences });
  else say(green('Applied. A running service takes it over within two seconds.'));
}

function stored(config: Config) {
  return withDatabase(databaseFile(config.DATA_DIR), async (database) => database?.read(readAccount, {}));
}

type Wanted = Omit<Parameters<Operations['applyAccount']>[1], 'actor' | 'now'>;

async function apply(config: Config, wanted: Wanted): Promise<void> {
  const file = databaseFile(config.DATA_DIR);
  const operations = new URL('../operations.ts', import.meta.url);
  const database = await openSqliteStore<Operations>({ file, operations });
  try {
    const actor = { name: `command line (${userInfo().username})`, sourceAddress: null };
    await database.operations.applyAccount({ ...wanted, actor, now: Date.now() });
  } finally {
    await database.close();
  }
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('There is nobody to ask: add --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Apply? Only "yes" does. ');
  terminal.close();
  return answer.trim() === 'yes';
}

function tell(json: true | undefined, answer: { applied: boolean; differences: readonly AccountDifference[] }): void {
  if (json) say(JSON.stringify(withoutSecrets(answer), undefined, 2));
}

/** One line a thing, and one for each of its fields that is another; passwords masked. */
function differencesText(differences: readonly AccountDifference[]): string {
  if (differences.length === 0) return 'Nothing changes.';
  const text = differences.map((each) => {
    const what = `${each.list === 'account' ? '' : `${each.list} `}${bold(each.id)}`;
    if (each.before === undefined) return `${green('+')} ${what}  ${dim(nameOf(each.after))}`;
    if (each.after === undefined) return `${red('-')} ${what}  ${dim(nameOf(each.before))}`;
    return [`${yellow('~')} ${what}`, ...fieldLines(each)].join('\n');
  });
  const count = (fits: (each: AccountDifference) => boolean) => differences.filter(fits).length;
  const [added, removed] = [count(({ before }) => before === undefined), count(({ after }) => after === undefined)];
  return [...text, '', `${added} added, ${differences.length - added - removed} changed, ${removed} removed.`].join(
    '\n',
  );
}

function fieldLines({ before, after }: AccountDifference): string[] {
  const shown = (value: unknown) => (value === undefined ? dim('nothing') : JSON.stringify(value));
  return valueDifferences(before, after).map(({ path, ...values }) => {
    if (isSecretField(path.split('.').at(-1) ?? '')) return `    ${path}: ${dim('changed')}`;
    return `    ${path}: ${shown(withoutSecrets(values.before))} → ${shown(withoutSecrets(values.after))}`;
  });
}

function nameOf(entity: unknown): string {
  return String((entity as { readonly name?: string }).name ?? '');
}
