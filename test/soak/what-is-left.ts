import Database from 'better-sqlite3';
import { defaultTimers, giveUpMs } from '../../sip/engine/transaction/timer-settings.ts';
import type { Bridge } from '../support/bridge.ts';
import { waitFor } from '../support/wait-for.ts';

/** Waits, as long as a transaction may last, for the engine to forget everything; what it has not, for a person to read. */
export async function legsLeft(bridge: Bridge): Promise<string> {
  const figures = () => bridge.log.filter(({ msg }) => msg === 'figures of the SIP engine');
  let last = '';
  const forgotten = async () => {
    const before = figures().length;
    process.kill(bridge.pid, 'SIGUSR2');
    const line = await waitFor('figures', () => figures()[before]);
    const { dialogs, incoming, outgoing, clientTransactions, serverTransactions } = line['stats'] as Record<
      string,
      number
    >;
    last = JSON.stringify({ dialogs, incoming, outgoing, clientTransactions, serverTransactions });
    return [dialogs, incoming, outgoing, clientTransactions, serverTransactions].every((count) => count === 0);
  };
  const timeoutMs = giveUpMs(defaultTimers) + 3_000;
  return waitFor('everything to be forgotten', forgotten, { timeoutMs, everyMs: 250 }).then(
    () => '',
    () => last,
  );
}

export interface RowCounts {
  readonly total: number;
  readonly answered: number;
  readonly open: number;
  readonly twice: number;
  readonly holds: number;
}

/** What the database says of all calls. */
export function readRows({ folder }: Bridge): RowCounts {
  const database = new Database(`${folder}/data/bridge.sqlite`, { readonly: true });
  try {
    return database
      .prepare<[], RowCounts>(
        `select count(*) as total, count(answered_at) as answered, sum(ended_at is null) as open,
           count(*) - count(distinct sip_call_id) as twice, (select count(*) from holds) as holds from calls`,
      )
      .get()!;
  } finally {
    database.close();
  }
}
