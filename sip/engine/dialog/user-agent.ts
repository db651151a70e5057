import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import type { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { NonInviteServerTransaction } from '../transaction/non-invite-server.ts';
import type { ServerTransactionOf, TransactionLayer, TransactionUser } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/transport.ts';
import type { Application, ApplicationRouter, Sent } from './application.ts';
import { ApplicationLag } from './application-lag.ts';
import { releaseAll } from './application-lost.ts';
import type { Core, DialogOptions, IncomingRequest, OutgoingRequest } from './core.ts';
import type { Dialog } from './dialog.ts';
import { toTagOf } from './dialog-id.ts';
import { DialogTable } from './dialog-table.ts';
import { refuse } from './refusal.ts';
import { LatePracks } from './reliable/late-pracks.ts';
import { followSession } from './session-timer/follow-session.ts';
import type { SessionAgreement } from './session-timer/session-timer.ts';
import { startInDialog } from './uac/start-in-dialog.ts';
import { startRequest } from './uac/start-request.ts';
import { handOver } from './uas/hand-over.ts';
import { respond } from './uas/respond.ts';
import { takeAck } from './uas/take-ack.ts';
import { takeInDialog } from './uas/take-in-dialog.ts';
import { takeNewInvite } from './uas/take-invite.ts';
import { takeOutOfDialog } from './uas/take-request.ts';
import { type Admission, turnAway } from './uas/turn-away.ts';

/** UAC and UAS cores (RFC 3261 §8, §12 to §15) for the applications; everything asked of it may throw a Refusal. */
export class UserAgent implements TransactionUser, Core {
  readonly transactions: TransactionLayer;
  readonly options: DialogOptions;
  readonly router: ApplicationRouter;
  readonly dialogs = new DialogTable();
  readonly incoming = new Map<string, IncomingRequest>();
  readonly ongoing = new Set<string>();
  readonly outgoing = new Map<string, OutgoingRequest>();
  readonly lag: ApplicationLag;
  readonly latePracks: LatePracks;
  readonly #admission: Admission | undefined;

  constructor(
    transactions: TransactionLayer,
    options: DialogOptions,
    router: ApplicationRouter,
    admission?: Admission,
  ) {
    this.#admission = admission;
    this.latePracks = new LatePracks(transactions);
    this.lag = new ApplicationLag(() => transactions.wheel.now);
    this.transactions = transactions;
    this.options = options;
    this.router = router;
  }

  expects(request: SipRequest): boolean {
    return this.dialogs.findFor(request) !== undefined;
  }

  turnAway(request: SipRequest): SipResponse | undefined {
    return this.#admission && turnAway(this.#admission, request);
  }

  onInvite(tx: InviteServerTransaction, request: SipRequest, flow: Flow): void {
    if (toTagOf(request.headers) === undefined) takeNewInvite(this, tx, request, flow);
    else this.#inDialog(tx, request, flow);
  }

  onRequest(tx: NonInviteServerTransaction, request: SipRequest, flow: Flow): void {
    if (toTagOf(request.headers) === undefined) takeOutOfDialog(this, tx, request, flow);
    else this.#inDialog(tx, request, flow);
  }

  onAck(ack: SipRequest, flow: Flow): void {
    takeAck(this, ack, flow);
  }

  /** A new request, sent to `nextHop` if given. */
  request(draft: SipRequest, owner: Application, nextHop?: string): Sent | Promise<Sent> {
    return startRequest(this, draft, owner, nextHop);
  }

  requestInDialog(dialogId: string, draft: SipRequest): Sent | Promise<Sent> {
    const dialog = this.dialogs.get(dialogId);
    if (dialog === undefined) return refuse(draft.method === 'ACK' ? 'notAnswered' : 'unknownDialog');
    return startInDialog(this, dialog, draft);
  }

  cancel(transactionId: string, draft: SipRequest): Sent {
    const outgoing = this.outgoing.get(transactionId) ?? refuse('unknownTransaction');
    return outgoing.cancel === undefined ? refuse('notAnInvite') : outgoing.cancel(draft);
  }

  respond(transactionId: string, draft: SipResponse): Sent {
    return respond(this, transactionId, draft);
  }

  /** Gives up an open request for somebody else to answer. */
  handOver(transactionId: string): { tx: ServerTransactionOf; request: SipRequest } {
    return handOver(this, transactionId);
  }

  followSession(
    dialog: Dialog,
    agreement: SessionAgreement | undefined,
    peerMessage: SipMessage,
    localSdp: Buffer,
  ): void {
    followSession(this, dialog, agreement, peerMessage, localSdp);
  }

  /** INVITEs no application has answered with anything yet. */
  get waitingInvites(): number {
    let waiting = 0;
    for (const { hasAnswered, request } of this.incoming.values()) {
      if (!hasAnswered && request.method === 'INVITE') waiting += 1;
    }
    return waiting;
  }

  /** Ends everything the application owned; its `isConnected` is false already. */
  applicationLost(application: Application): void {
    releaseAll(this, application);
  }

  #inDialog(tx: InviteServerTransaction | NonInviteServerTransaction, request: SipRequest, flow: Flow): void {
    const dialog = this.dialogs.findFor(request);
    if (dialog === undefined) takeOutOfDialog(this, tx, request, flow);
    else takeInDialog(this, dialog, tx, request, flow);
  }
}
