import { statSync } from 'node:fs';
import type { Account } from '../domain/account.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import type { Logger } from '../log.ts';
import { accountChanges } from './account-changes.ts';
import { doubtfulTokens } from './doubtful-tokens.ts';
import { loadAccount } from './load-account.ts';

/** Puts a new account to use; the one before stays if this rejects. */
export type ApplyAccount = (account: Account) => Promise<void>;

const LOOK_EVERY_MS = 2_000;

/**
 * The account file while the service runs: looked after every two seconds, so that a change is seen at the next call. One
 * that cannot be used is logged and the last good account kept; calls in progress go on as they began.
 */
export class AccountFile {
  readonly #file: string;
  readonly #log: Logger;
  #account: Account;
  #seen: string;
  #apply: ApplyAccount = async () => undefined;
  #own: OwnAddress | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Reloads one after the other. */
  #tail: Promise<void> = Promise.resolve();

  /** Reads the file; `own` is where we are reached: not to be dialled. Throws AccountFileError. */
  constructor(file: string, own: OwnAddress | undefined, log: Logger) {
    this.#file = file;
    this.#log = log;
    this.#own = own;
    this.#seen = lastChange(file);
    this.#account = loadAccount(file, own);
    this.#warn(this.#account);
  }

  /** The one in use. */
  get account(): Account {
    return this.#account;
  }

  /** From now on; `own` with the ports in use. */
  watch(own: OwnAddress | undefined, apply: ApplyAccount): void {
    this.#own = own;
    this.#apply = apply;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Resolves when no reload is under way, and there will be no other. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tail;
  }

  /** Reads the file now, changed or not; never rejects. */
  reload(): Promise<void> {
    this.#seen = lastChange(this.#file);
    this.#tail = this.#tail.then(() => this.#reloadOnce());
    return this.#tail;
  }

  #warn(account: Account): void {
    for (const { webhookId, tokens } of doubtfulTokens(account)) {
      this.#log.warn(
        { webhookId, tokens },
        'webhook has tokens nothing is known to fill: they are empty unless a tag of that name comes',
      );
    }
  }

  #look(): void {
    if (lastChange(this.#file) !== this.#seen) void this.reload();
  }

  async #reloadOnce(): Promise<void> {
    const file = this.#file;
    try {
      const account = loadAccount(file, this.#own);
      const changes = accountChanges(this.#account, account);
      await this.#apply(account);
      this.#account = account;
      this.#log.info({ file, changes }, 'account reloaded');
      this.#warn(account);
    } catch (err) {
      this.#log.error({ file, problem: (err as Error).message }, 'account not reloaded, the last one stays in use');
    }
  }
}

/** Differs whenever the file was written, replaced, went or came back. */
function lastChange(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
}
