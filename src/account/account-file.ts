import { statSync } from 'node:fs';
import type { Account } from '../domain/account.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import type { Logger } from '../log.ts';
import { accountChanges } from './account-changes.ts';
import type { AccountSource, UseAccount } from './account-source.ts';
import { warnOfDoubtfulTokens } from './doubtful-tokens.ts';
import { loadWrittenAccount, type WrittenAccount } from './load-account.ts';

const LOOK_EVERY_MS = 2_000;

/**
 * The account file while the service runs: looked after every two seconds, so that a change is seen at the next call. One
 * that cannot be used is logged and the last good account kept; calls in progress go on as they began.
 */
export class AccountFile implements AccountSource {
  readonly #file: string;
  readonly #log: Logger;
  #written: WrittenAccount;
  #seen: string;
  #use: UseAccount = async () => undefined;
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
    this.#written = loadWrittenAccount(file, own);
    warnOfDoubtfulTokens(this.account, log);
  }

  /** The one in use. */
  get account(): Account {
    return this.#written.account;
  }

  /** As it was written. */
  get written(): WrittenAccount {
    return this.#written;
  }

  /** From now on; `own` with the ports in use. */
  watch(own: OwnAddress | undefined, use: UseAccount): void {
    this.#own = own;
    this.#use = use;
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

  #look(): void {
    if (lastChange(this.#file) !== this.#seen) void this.reload();
  }

  async #reloadOnce(): Promise<void> {
    const file = this.#file;
    try {
      const written = loadWrittenAccount(file, this.#own);
      const changes = accountChanges(this.account, written.account);
      await this.#use(written);
      this.#written = written;
      this.#log.info({ file, changes }, 'account reloaded');
      warnOfDoubtfulTokens(written.account, this.#log);
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
