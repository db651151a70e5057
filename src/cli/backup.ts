import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { SECRET_FILE } from '../installation-secret.ts';
import { copyDatabase, isInUse } from '../store/sqlite/copy-database.ts';
import { CommandError, databaseFile, say } from './run-command.ts';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const DATABASE_PARTS = ['', '-wal', '-shm'];

const BACKUP_EXAMPLES = `
Examples:
  bridge backup /var/backups/bridge/2026-03-01
  bridge backup "/var/backups/bridge/$(date +%F)" --json

The service may run meanwhile: it goes on writing, and the copy is the database as it was at one moment, checked. With it goes
${SECRET_FILE}, from which call keys and webhook secrets are derived: without it no buyer could post back. Keep both private.`;

export const backupCommand = new Command('backup')
  .description('Copies database and secret into a new folder, also while the service runs.')
  .argument('<folder>', 'must not exist yet, or be empty')
  .option('--json', 'for programs')
  .addHelpText('after', BACKUP_EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(backUp);

const RESTORE_EXAMPLES = `
Examples:
  systemctl stop sip-postback-bridge
  bridge restore /var/backups/bridge/2026-03-01
  systemctl start sip-postback-bridge

Refused while a service has the database open. What was there before stays beside it, with ".before-restore" and the time in its name.`;

export const restoreCommand = new Command('restore')
  .description('Puts a backup in the place of the data (DATA_DIR) of a service that is stopped.')
  .argument('<folder>', 'what bridge backup has made')
  .option('--json', 'for programs')
  .addHelpText('after', RESTORE_EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(restore);

function backUp(folder: string, { json }: { readonly json?: true }): void {
  const { DATA_DIR: data, CALL_KEY_SECRET: configured } = loadConfig(process.env);
  const database = databaseFile(data);
  if (!existsSync(database)) throw new CommandError(`There is no database ${database}: set DATA_DIR.`);
  makeEmptyFolder(folder);
  const copy = databaseFile(folder);
  const megabytes = (statSync(database).size / 2 ** 20).toFixed(0);
  copyDatabase(database, copy, (step) => tellStep(`${step === 'copy' ? 'copying' : 'checking'} ${megabytes} MB …`));
  tellStep('');
  const secret = join(data, SECRET_FILE);
  const hasSecret = configured === undefined && existsSync(secret);
  if (hasSecret) copyPrivately(secret, join(folder, SECRET_FILE));
  const bytes = statSync(copy).size;
  const kept = hasSecret ? join(folder, SECRET_FILE) : null;
  if (json) say(JSON.stringify({ database: copy, bytes, secret: kept }));
  else {
    say(`${copy}  ${(bytes / 2 ** 20).toFixed(1)} MB, checked`);
    say(kept ?? 'The secret is set by CALL_KEY_SECRET: keep that setting as well.');
  }
}

function restore(folder: string, { json }: { readonly json?: true }): void {
  const { DATA_DIR: data } = loadConfig(process.env);
  const [from, to] = [databaseFile(folder), databaseFile(data)];
  if (!existsSync(from)) throw new CommandError(`There is no ${from}: name a folder that bridge backup has made.`);
  if (isInUse(to)) throw new CommandError(`${to} is in use: stop the service first.`);
  mkdirSync(data, { recursive: true, mode: PRIVATE_FOLDER });
  const restored = `${to}.restored`;
  copyDatabase(from, restored);
  const before = `.before-restore-${new Date().toISOString().replaceAll(':', '')}`;
  const secret = join(folder, SECRET_FILE);
  const replaced = [
    ...DATABASE_PARTS.map((part) => `${to}${part}`),
    ...(existsSync(secret) ? [join(data, SECRET_FILE)] : []),
  ].filter((file) => existsSync(file));
  for (const file of replaced) renameSync(file, `${file}${before}`);
  renameSync(restored, to);
  if (existsSync(secret)) copyPrivately(secret, join(data, SECRET_FILE));
  if (json) say(JSON.stringify({ database: to, kept: replaced.map((file) => `${file}${before}`) }));
  else
    say(
      `${to} is the one of ${folder} now.${replaced.length === 0 ? '' : ` What was there has ${before} at its end.`}`,
    );
}

/** On a terminal: what takes its time, until the next step. */
function tellStep(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

function makeEmptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  if (readdirSync(folder).length === 0) return;
  throw new CommandError(`${folder} is not empty: name a new folder, so that no older backup is lost.`);
}

function copyPrivately(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, PRIVATE_FILE);
}
