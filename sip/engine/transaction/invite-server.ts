import type { SipRequest } from '../message/message.ts';
import type { Target } from '../transport/transport.ts';
import { replyTo } from './reply.ts';
import { type InviteServerUser, type ServerState, ServerTransaction } from './server-transaction.ts';
import { giveUpMs } from './timer-settings.ts';
import type { TransactionContext } from './transaction.ts';

type InviteState = ServerState<InviteServerTransaction>;

/** RFC 3261 §17.2.1 with the accepted state of RFC 6026 §7.1. */
export class InviteServerTransaction extends ServerTransaction<InviteServerTransaction> {
  state: InviteState = idle;
  user: InviteServerUser | undefined;
  #finalToTag: string | undefined;

  constructor(context: TransactionContext, key: string, target: Target) {
    super(context, key, target);
  }

  get isOpen(): boolean {
    return this.state === proceeding;
  }

  /** Of our responses, once its user has one; the 200 to a CANCEL has the same (RFC 3261 §9.2). */
  get toTag(): string | undefined {
    return this.user?.toTag ?? this.#finalToTag;
  }

  /** After a final response nobody above is interested any more. */
  close(): void {
    this.#finalToTag = this.toTag;
    this.user = undefined;
  }

  /** True when an ACK belongs to this transaction rather than to a dialog. */
  get absorbsAck(): boolean {
    return this.state === completed || this.state === confirmed;
  }

  /** Answers 100 at once, so that the caller stops resending whatever the application does (RFC 3261 §17.2.1). */
  start(request: SipRequest): void {
    this.go(proceeding);
    const trying = replyTo(request, 100, 'Trying');
    const timestamp = request.headers.get('Timestamp');
    if (timestamp !== undefined) trying.headers.append('Timestamp', timestamp); // RFC 3261 §8.2.6.1
    this.respond(trying);
  }
}

const idle: InviteState = { name: 'proceeding' };

const proceeding: InviteState = {
  name: 'proceeding',
  message: (tx, message) => {
    if (isInvite(message)) tx.resendLast();
  },
  respond: (tx, status) => {
    tx.resendLast();
    if (status >= 300) tx.go(completed);
    else if (status >= 200) tx.go(accepted);
  },
};

// The dialog resends the 2xx until its ACK; here INVITEs sent again are only swallowed (RFC 6026 §7.1).
const accepted: InviteState = {
  name: 'accepted',
  enter: (tx) => {
    tx.close();
    tx.lastResponse = undefined;
    tx.expireAfter(giveUpMs(tx.context.timers)); // timer L
  },
  expire: (tx) => tx.go(terminated),
};

const completed: InviteState = {
  name: 'completed',
  enter: (tx) => {
    tx.close();
    tx.startResending(); // timer G
    tx.expireAfter(giveUpMs(tx.context.timers)); // timer H
  },
  message: (tx, message) => {
    if (isInvite(message)) tx.resendLast();
    else tx.go(confirmed);
  },
  resend: (tx) => {
    tx.backOff(tx.context.timers.t2);
    tx.resendLast();
  },
  expire: (tx) => {
    tx.context.counters.timeouts += 1;
    tx.go(terminated);
  },
};

// Repeated ACKs die here.
const confirmed: InviteState = {
  name: 'confirmed',
  enter: (tx) => {
    tx.lastResponse = undefined;
    if (tx.isReliable) tx.go(terminated);
    else tx.expireAfter(tx.context.timers.t4); // timer I
  },
  expire: (tx) => tx.go(terminated),
};

const terminated: InviteState = { name: 'terminated' };

const isInvite = (message: { kind: string; method?: string }): boolean =>
  message.kind === 'request' && message.method === 'INVITE';
