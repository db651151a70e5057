import type { Account } from '../domain/account.ts';
import type { OperationContext } from '../store/store.ts';

export interface ApplyAccountInput {
  readonly account: Account;
  readonly now: number;
}

/** Writes the configuration as rows: new and changed ones, and those that are gone as removed. */
export async function applyAccount(_: OperationContext, _input: ApplyAccountInput): Promise<{ changed: number }> {
  throw new Error('not built yet');
}
