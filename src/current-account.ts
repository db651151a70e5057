import { join } from 'node:path';
import { checkAccount, loadAccount } from './account/load-account.ts';
import type { Config } from './config.ts';
import type { Account } from './domain/account.ts';
import { AppError } from './domain/errors.ts';
import { readAccount } from './store/account-rows.ts';
import { readDatabase } from './store/sqlite/read-database.ts';

type Place = Pick<Config, 'ACCOUNT_SOURCE' | 'ACCOUNT_FILE' | 'DATA_DIR'>;

/** The account of these settings, read from where it is kept; a service may run meanwhile. Throws AccountFileError or AppError. */
export async function currentAccount({
  ACCOUNT_SOURCE: source,
  ACCOUNT_FILE: file,
  DATA_DIR: data,
}: Place): Promise<Account> {
  if (source === 'file') return loadAccount(file);
  const database = await readDatabase(join(data, 'bridge.sqlite'));
  try {
    const found = await database?.read(readAccount, {});
    if (found !== undefined) return checkAccount(found.document);
  } finally {
    database?.close();
  }
  throw new AppError(
    'account_missing',
    'the database has no account yet: put one there with "bridge account apply account.yaml"',
  );
}
