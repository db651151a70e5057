import { keepText } from '../../message/kept-text.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { serialize } from '../../message/serialize.ts';
import { cancelFor } from '../../transaction/ack.ts';
import type { ClientTransactionUser } from '../../transaction/client-transaction.ts';
import type { InviteClientTransaction } from '../../transaction/invite-client.ts';
import { keep } from '../../transaction/kept-bytes.ts';
import { newId } from '../../transaction/token.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Flow, Target } from '../../transport/transport.ts';
import { type Application, nobody, type Sent } from '../application.ts';
import { type Core, endDialog, type OutgoingRequest } from '../core.ts';
import type { Dialog, OwnInvite, UnacknowledgedInvite } from '../dialog.ts';
import { toTagOf } from '../dialog-id.ts';
import { refuse } from '../refusal.ts';
import { ReceivedProvisionals, rseqOf } from '../reliable/received-provisionals.ts';
import { agreeAsUac } from '../session-timer/agreement.ts';
import { acknowledge } from './acknowledge.ts';
import { AcknowledgedInvite } from './acknowledged-invite.ts';
import type { Alternatives } from './alternatives.ts';
import { completeCancel } from './cancel-headers.ts';
import { EarlyForks } from './early-forks.ts';
import { engineDraft } from './engine-draft.ts';
import { type GeneratedStatus, generatedResponse } from './generated-response.ts';
import { hangUp, hangUpAndTell, ignoreOutcome } from './hang-up.ts';
import { releaseFork } from './release-fork.ts';
import { SentAcks } from './sent-acks.ts';

/** One of our INVITEs, first or inside a dialog, from the request until no 2xx can come any more. */
export class InviteUsage implements ClientTransactionUser, OutgoingRequest, OwnInvite, UnacknowledgedInvite {
  readonly id: string;
  request: SipRequest;
  readonly method = 'INVITE';
  owner: Application;
  toldAt = 0;
  /** Missing only while there is no address to send to. */
  tx: InviteClientTransaction | undefined;
  readonly #core: Core;
  #target: Target;
  readonly #dialog: Dialog;
  /** Only while the dialog is still to be made. */
  readonly #forks: EarlyForks | undefined;
  readonly isOffer: boolean;
  isOfferOpen: boolean;
  /** Where else to try while nobody has been heard of. */
  #alternatives: Alternatives | undefined;
  #answeredTag: string | undefined;
  /** drachtio-srf has no dialog for a 2xx without Contact: having acknowledged, it leaves the BYE to the engine. */
  #hasContact = true;
  #cancel: SipRequest | undefined;
  /** True once the application has a failure for its final response. */
  #hasFailed = false;
  readonly #acks = new SentAcks();

  constructor(
    core: Core,
    id: string,
    request: SipRequest,
    target: Target,
    dialog: Dialog,
    alternatives?: Alternatives,
  ) {
    this.#alternatives = alternatives;
    this.#core = core;
    this.id = id;
    this.request = request;
    this.#target = target;
    this.owner = dialog.owner;
    this.#dialog = dialog;
    this.#forks = dialog.isConfirmed ? undefined : new EarlyForks(request, dialog);
    this.isOffer = request.body.length === 0;
    this.isOfferOpen = !this.isOffer;
    dialog.ownInvite = this;
  }

  onResponse(response: SipResponse, flow: Flow): void {
    const from = peerOf(flow);
    if (response.status === 503 && this.#tryElsewhere()) return;
    if (response.status >= 300) this.#finish(response, from);
    else if (response.status >= 200) this.#onSuccess(response, from);
    else this.#onProvisional(response, from);
  }

  onTimeout(): void {
    const { tx } = this;
    // An answer of the address given up would be taken for one of the next.
    if (this.#tryElsewhere()) tx?.abandon();
    else this.fail(this.#cancel === undefined ? 408 : 487);
  }

  onTransportError(): void {
    if (!this.#tryElsewhere()) this.fail(503);
  }

  onSilence(): void {
    this.cancelQuietly();
  }

  fail(status: GeneratedStatus, reason?: string): void {
    this.#finish(generatedResponse(this.request, status, reason), this.#target);
  }

  /** Until the first provisional response the CANCEL only waits (RFC 3261 §9.1). */
  cancel(draft: SipRequest): Sent {
    if (this.#cancel !== undefined) refuse('alreadyCancelled');
    this.#cancel = completeCancel(cancelFor(this.request), draft);
    const bytes = serialize(this.#cancel);
    if (this.tx?.mayCancel === true) this.#sendCancel(this.tx, this.#cancel);
    return { bytes, via: this.#target, transactionId: newId(), dialogId: this.#dialog.id };
  }

  cancelQuietly(): void {
    if (this.#cancel === undefined && this.tx?.isOpen === true) this.cancel(engineDraft('CANCEL'));
  }

  giveUp(): void {
    this.fail(487);
    this.owner = nobody;
  }

  acknowledged(ack: Buffer, via: Target): void {
    this.#acks.sent(keepText(this.#answeredTag ?? ''), keep(ack), via);
    this.tx?.handOver(new AcknowledgedInvite(this.#core, this.#acks));
    if (this.#dialog.isEnded) return;
    if (this.#cancel !== undefined) hangUpAndTell(this.#core, this.#dialog, 'ACK-BYE due to cancel race condition');
    else if (this.#forks !== undefined && !this.#hasContact) ignoreOutcome(hangUp(this.#core, this.#dialog));
  }

  #onProvisional(response: SipResponse, from: Target): void {
    if (this.#cancel !== undefined && this.tx?.mayCancel === true) this.#sendCancel(this.tx, this.#cancel);
    if (response.status === 100) return;
    this.#alternatives = undefined;
    const rseq = rseqOf(response);
    const fork = this.#forks === undefined ? this.#dialog : this.#forks.ring(response, from);
    if (fork === undefined) return;
    if (rseq !== undefined && !this.#isInOrder(response, rseq, fork)) return;
    if (response.body.length > 0) this.isOfferOpen = false;
    this.#deliver(response, from);
  }

  /** Reliable provisional responses count up by one; what does not fit is dropped (RFC 3262 §4). */
  #isInOrder(response: SipResponse, rseq: number, fork: Dialog): boolean {
    this.#dialog.received ??= new ReceivedProvisionals();
    return this.#dialog.received.take(response, rseq, fork.remoteTag ?? '');
  }

  #onSuccess(response: SipResponse, from: Target): void {
    const tag = toTagOf(response.headers) ?? '';
    if (this.#acks.has(tag)) this.#acks.sendAgain(tag, this.#core.transactions.transport);
    else if (this.#forks !== undefined && this.#hasFailed) this.#releaseFork(response, from);
    else if (this.#answeredTag === undefined) {
      this.#answeredTag = tag;
      this.#onAnswer(response, from);
    } else if (tag !== this.#answeredTag) this.#releaseFork(response, from);
  }

  #releaseFork(response: SipResponse, from: Target): void {
    releaseFork(this.#core, this.#acks, this.request, response, from);
  }

  #onAnswer(response: SipResponse, from: Target): void {
    const dialog = this.#dialog;
    this.#core.outgoing.delete(this.id);
    this.#hasContact = response.headers.has('Contact');
    if (this.#forks === undefined) dialog.refreshTarget(response);
    else this.#forks.answer(response, from);
    dialog.isConfirmed = true;
    if (!dialog.isEnded)
      this.#core.followSession(
        dialog,
        agreeAsUac(this.#core.options.minSessionSeconds, response),
        response,
        this.request.body,
      );
    dialog.ownInvite = undefined;
    dialog.unacknowledged = this;
    this.toldAt = this.#core.transactions.wheel.now;
    if (dialog.isEnded || this.#hasFailed) this.#onNeedlessAnswer(response, from);
    else if (!this.owner.isConnected) ignoreOutcome(hangUp(this.#core, dialog));
    else this.#deliver(response, from);
  }

  /** The dialog is over, or the application has had its final response: only the peer wants something. */
  #onNeedlessAnswer(response: SipResponse, from: Target): void {
    ignoreOutcome(acknowledge(this.#core, this.#dialog, engineDraft('ACK')));
    if (!this.#hasFailed) this.#deliver(response, from);
  }

  /** The next address of the name gets the INVITE, as if it were the first (RFC 3263 §4.3); false when there is none. */
  #tryElsewhere(): boolean {
    const next = this.#cancel === undefined ? this.#alternatives?.next(this.request) : undefined;
    if (next === undefined) return false;
    this.request = next.request;
    this.#target = next.target;
    this.#dialog.peer = next.target;
    this.#dialog.localContact = next.request.headers.get('Contact') ?? '';
    this.tx = this.#core.transactions.sendInvite(next.request, next.target, this);
    return true;
  }

  #sendCancel(tx: InviteClientTransaction, cancel: SipRequest): void {
    this.#core.transactions.cancel(tx, cancel, cancelOutcome);
  }

  #finish(response: SipResponse, from: Target): void {
    this.#hasFailed = true;
    this.#core.outgoing.delete(this.id);
    this.#dialog.ownInvite = undefined;
    if (this.#forks !== undefined) endDialog(this.#core, this.#dialog);
    this.#deliver(response, from);
  }

  #deliver(response: SipResponse, from: Target): void {
    this.owner.deliverResponse(response, from, { transactionId: this.id, dialogId: this.#dialog.id });
  }
}

/** The INVITE's own final response tells what became of the CANCEL. */
const cancelOutcome: ClientTransactionUser = { onResponse: () => {}, onTimeout: () => {}, onTransportError: () => {} };
