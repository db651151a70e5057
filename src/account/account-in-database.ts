import type { Account } from '../domain/account.ts';
import type { AccountDocument } from '../domain/account-document.ts';
import { AppError } from '../domain/errors.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import type { Logger } from '../log.ts';
import { accountChanges } from './account-changes.ts';
import type { AccountSource, UseAccount } from './account-source.ts';
import { warnOfDoubtfulTokens } from './doubtful-tokens.ts';
import { checkAccount } from './load-account.ts';

/** The account as it stands there, undefined if it is still of that revision. */
export type ReadAccount = (
  knownRevision: string | undefined,
) => Promise<{ readonly revision: string; readonly document: AccountDocument } | undefined>;

const LOOK_EVERY_MS = 2_000;

/** The account in the database while the service runs: changed by the API at once, by others within two seconds. */
export class AccountInDatabase implements AccountSource {
  readonly #read: ReadAccount;
  readonly #log: Logger;
  #account: Account;
  #revision: string;
  #own: OwnAddress | undefined;
  #use: UseAccount = async () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #tail: Promise<void> = Promise.resolve();

  private constructor(read: ReadAccount, log: Logger, account: Account, revision: string) {
    this.#read = read;
    this.#log = log;
    this.#account = account;
    this.#revision = revision;
  }

  /** Throws AppError if there is none yet, AccountFileError for one that cannot be used. */
  static async open(read: ReadAccount, own: OwnAddress | undefined, log: Logger): Promise<AccountInDatabase> {
    const found = await read(undefined);
    if (found === undefined) {
      const remedy = 'put one there with "bridge account apply account.yaml", or set ACCOUNT_SOURCE=file';
      throw new AppError('account_missing', `the database has no account yet: ${remedy}`);
    }
    const account = checkAccount(found.document, own);
    warnOfDoubtfulTokens(account, log);
    return new AccountInDatabase(read, log, account, found.revision);
  }

  get account(): Account {
    return this.#account;
  }

  watch(own: OwnAddress | undefined, use: UseAccount): void {
    this.#own = own;
    this.#use = use;
    this.#timer = setInterval(() => void this.reload(), LOOK_EVERY_MS).unref();
  }

  reload(): Promise<void> {
    this.#tail = this.#tail.then(() => this.#reloadOnce());
    return this.#tail;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tail;
  }

  async #reloadOnce(): Promise<void> {
    try {
      const found = await this.#read(this.#revision);
      if (found === undefined) return;
      // One that cannot be used is told of once, not every two seconds.
      this.#revision = found.revision;
      const account = checkAccount(found.document, this.#own);
      const changes = accountChanges(this.#account, account);
      await this.#use({ account, document: found.document });
      this.#account = account;
      this.#log.info({ changes, revision: found.revision }, 'account reloaded');
      warnOfDoubtfulTokens(account, this.#log);
    } catch (err) {
      const problem = (err as Error).message;
      this.#log.error({ problem }, 'account in the database not taken over, the last one stays in use');
    }
  }
}
