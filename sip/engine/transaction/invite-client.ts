import type { SipMessage, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Flow } from '../transport/transport.ts';
import { ackForFailure } from './ack.ts';
import { ClientTransaction, type ClientTransactionUser } from './client-transaction.ts';
import { keep } from './kept-bytes.ts';
import { giveUpMs, TIMER_C_MS } from './timer-settings.ts';
import type { State } from './transaction.ts';

type InviteState = State<InviteClientTransaction>;

/** RFC 3261 §17.1.1 with the accepted state of RFC 6026 §7.2. */
export class InviteClientTransaction extends ClientTransaction<InviteClientTransaction> {
  state: InviteState = idle;
  ack: Buffer | undefined;

  get isOpen(): boolean {
    return this.state === calling || this.state === proceeding || this.state === cancelling;
  }

  /** A CANCEL may only follow a provisional response (RFC 3261 §9.1). */
  get mayCancel(): boolean {
    return this.state === proceeding;
  }

  start(): void {
    this.go(calling);
  }

  /** From now on the final response has 64·T1 to arrive; the CANCEL itself is another transaction (RFC 3261 §9.1). */
  expectCancelled(): void {
    this.go(cancelling);
  }

  /** From now on `user` hears of further 2xx, and the request is let go of: the application has had what it waited for. */
  handOver(user: ClientTransactionUser): void {
    if (this.state === accepted) this.lingerFor(user);
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

const idle: InviteState = { name: 'calling' };

const calling: InviteState = {
  name: 'calling',
  enter: (tx) => {
    tx.startResending(); // timer A
    tx.expireAfter(giveUpMs(tx.context.timers)); // timer B
    tx.transmit(tx.bytes);
  },
  resend: (tx) => {
    tx.backOff();
    tx.transmit(tx.bytes);
  },
  expire: (tx) => timeOut(tx),
  message: (tx, message, flow) => takeResponse(tx, message, flow),
};

const proceeding: InviteState = {
  name: 'proceeding',
  enter: (tx) => {
    tx.forgetBytes();
    tx.expireAfter(TIMER_C_MS);
  },
  expire: (tx) => tx.user.onSilence?.(),
  message: (tx, message, flow) => takeResponse(tx, message, flow),
};

const cancelling: InviteState = {
  name: 'cancelling',
  enter: (tx) => tx.expireAfter(giveUpMs(tx.context.timers)),
  expire: (tx) => timeOut(tx),
  message: (tx, message, flow) => takeResponse(tx, message, flow),
};

// A 2xx ends the transaction for the application; further 2xx, repeated or from other forks, still pass (RFC 6026 §7.2).
const accepted: InviteState = {
  name: 'accepted',
  enter: (tx) => {
    tx.forgetBytes();
    tx.expireAfter(giveUpMs(tx.context.timers)); // timer M
  },
  expire: (tx) => tx.go(terminated),
  message: (tx, message, flow) => {
    if (isSuccess(message)) tx.user.onResponse(message, flow);
  },
};

const completed: InviteState = {
  name: 'completed',
  enter: (tx) => {
    tx.forgetBytes();
    if (tx.isReliable) tx.go(terminated);
    else tx.expireAfter(giveUpMs(tx.context.timers)); // timer D
  },
  expire: (tx) => tx.go(terminated),
  message: (tx, message) => {
    if (message.kind === 'response' && message.status >= 300 && tx.ack !== undefined) tx.transmit(tx.ack);
  },
};

// The user has its timeout; somebody who answers all the same is acknowledged, and hung up by the user, rather than left
// with a call that nobody is in. Not a state of RFC 3261, which lets the callee find out by itself after 64·T1.
const late: InviteState = {
  name: 'late',
  enter: (tx) => {
    tx.forgetBytes();
    tx.expireAfter(giveUpMs(tx.context.timers));
  },
  expire: (tx) => tx.go(terminated),
  message: (tx, message, flow) => {
    if (message.kind !== 'response') return;
    if (message.status >= 300) acknowledgeFailure(tx, message);
    else if (message.status >= 200) tx.user.onResponse(message, flow);
  },
};

const terminated: InviteState = { name: 'terminated' };

function takeResponse(tx: InviteClientTransaction, message: SipMessage, flow: Flow): void {
  if (message.kind !== 'response') return;
  if (message.status < 200) {
    if (tx.state !== cancelling) tx.go(proceeding); // again: each 1xx restarts timer C
  } else if (message.status < 300) {
    tx.go(accepted);
  } else {
    acknowledgeFailure(tx, message);
  }
  tx.user.onResponse(message, flow);
}

function acknowledgeFailure(tx: InviteClientTransaction, response: SipResponse): void {
  tx.ack = keep(serialize(ackForFailure(tx.request, response)));
  tx.transmit(tx.ack);
  tx.go(completed);
}

function timeOut(tx: InviteClientTransaction): void {
  tx.context.counters.timeouts += 1;
  tx.go(late);
  tx.user.onTimeout();
}

const isSuccess = (message: SipMessage): message is SipResponse =>
  message.kind === 'response' && message.status >= 200 && message.status < 300;
