import { type ServerState, ServerTransaction } from './server-transaction.ts';
import { giveUpMs } from './timer-settings.ts';

type NonInviteState = ServerState<NonInviteServerTransaction>;

/** RFC 3261 §17.2.2. */
export class NonInviteServerTransaction extends ServerTransaction<NonInviteServerTransaction> {
  state: NonInviteState = trying;

  get isOpen(): boolean {
    return this.state === trying || this.state === proceeding;
  }

  /** Ends without an answer. */
  abandon(): void {
    if (this.state !== terminated) this.go(terminated);
  }
}

// The request sent again before there is an answer is swallowed.
const trying: NonInviteState = {
  name: 'trying',
  respond: (tx, status) => {
    tx.resendLast();
    tx.go(status >= 200 ? completed : proceeding);
  },
};

const proceeding: NonInviteState = {
  name: 'proceeding',
  message: (tx) => tx.resendLast(),
  respond: (tx, status) => {
    tx.resendLast();
    if (status >= 200) tx.go(completed);
  },
};

const completed: NonInviteState = {
  name: 'completed',
  enter: (tx) => {
    if (tx.isReliable) tx.go(terminated);
    else tx.expireAfter(giveUpMs(tx.context.timers)); // timer J
  },
  message: (tx) => tx.resendLast(),
  expire: (tx) => tx.go(terminated),
};

const terminated: NonInviteState = { name: 'terminated' };
