import type { Account } from '../domain/account.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import type { WrittenAccount } from './load-account.ts';

/** Puts a new account to use; the one before stays if this rejects. */
export type UseAccount = (written: WrittenAccount) => Promise<void>;

/** Where the account is kept, and watched while the service runs. */
export interface AccountSource {
  /** The one in use. */
  readonly account: Account;
  /** From now on; `own` with the ports in use. */
  watch(own: OwnAddress | undefined, use: UseAccount): void;
  /** Looks now, changed or not; never rejects. */
  reload(): Promise<void>;
  /** Resolves when no reload is under way, and there will be no other. */
  close(): Promise<void>;
}
