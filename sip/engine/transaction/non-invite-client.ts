import type { SipMessage } from '../message/message.ts';
import type { Flow } from '../transport/transport.ts';
import { ClientTransaction, type ClientTransactionUser } from './client-transaction.ts';
import { giveUpMs } from './timer-settings.ts';
import type { State } from './transaction.ts';

type NonInviteState = State<NonInviteClientTransaction>;

/** RFC 3261 §17.1.2. */
export class NonInviteClientTransaction extends ClientTransaction<NonInviteClientTransaction> {
  state: NonInviteState = idle;

  get isOpen(): boolean {
    return this.state === trying || this.state === proceeding;
  }

  start(): void {
    this.go(trying);
  }

  abandon(): void {
    if (this.state !== terminated) this.go(terminated);
  }

  onSendError(error: Error): void {
    if (!this.isOpen) return;
    this.go(terminated);
    this.user.onTransportError(error);
  }
}

const idle: NonInviteState = { name: 'trying' };

const trying: NonInviteState = {
  name: 'trying',
  enter: (tx) => {
    tx.startResending(); // timer E
    tx.expireAfter(giveUpMs(tx.context.timers)); // timer F, runs on in proceeding
    tx.transmit(tx.bytes);
  },
  resend: (tx) => {
    tx.backOff(tx.context.timers.t2);
    tx.transmit(tx.bytes);
  },
  expire: (tx) => timeOut(tx),
  message: (tx, message, flow) => takeResponse(tx, message, flow),
};

// A provisional response slows the resends down to T2.
const proceeding: NonInviteState = {
  name: 'proceeding',
  enter: (tx) => tx.resendAfter(tx.context.timers.t2),
  resend: (tx) => {
    tx.resendAfter(tx.context.timers.t2);
    tx.transmit(tx.bytes);
  },
  expire: (tx) => timeOut(tx),
  message: (tx, message, flow) => takeResponse(tx, message, flow),
};

const completed: NonInviteState = {
  name: 'completed',
  enter: (tx) => {
    tx.forgetBytes();
    tx.lingerFor(nobody);
    if (tx.isReliable) tx.go(terminated);
    else tx.expireAfter(tx.context.timers.t4); // timer K
  },
  expire: (tx) => tx.go(terminated),
};

/** Repeated responses end here. */
const nobody: ClientTransactionUser = { onResponse: () => {}, onTimeout: () => {}, onTransportError: () => {} };

const terminated: NonInviteState = { name: 'terminated' };

function takeResponse(tx: NonInviteClientTransaction, message: SipMessage, flow: Flow): void {
  if (message.kind !== 'response') return;
  const { user } = tx;
  if (message.status >= 200) tx.go(completed);
  else if (tx.state === trying) tx.go(proceeding);
  user.onResponse(message, flow);
}

function timeOut(tx: NonInviteClientTransaction): void {
  tx.context.counters.timeouts += 1;
  tx.go(terminated);
  tx.user.onTimeout();
}
