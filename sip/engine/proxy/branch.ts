import type { SipRequest, SipResponse } from '../message/message.ts';
import { cancelFor } from '../transaction/ack.ts';
import { Alarm } from '../transaction/alarm.ts';
import type { ClientTransactionUser } from '../transaction/client-transaction.ts';
import { InviteClientTransaction } from '../transaction/invite-client.ts';
import { replyTo } from '../transaction/reply.ts';
import { newTag } from '../transaction/token.ts';
import type { ClientTransactionOf } from '../transaction/transaction-layer.ts';
import type { Flow, ListeningPoint, Target } from '../transport/transport.ts';
import type { Outcome } from './best-response.ts';
import { type Found, withTargets } from './next-targets.ts';
import type { ProxyContext } from './proxy-context.ts';
import { TargetWalk } from './target-walk.ts';

/** How long a destination may take; unlimited but for the transaction's own timers unless given. */
export interface Patience {
  /** Until it says anything, in ms. */
  readonly provisionalMs: number | undefined;
  /** Until its final response, in ms. */
  readonly finalMs: number | undefined;
}

/** What a branch asks of, and tells, the request it belongs to. */
export interface BranchUser {
  /** The copy to send by this listening point, without our Via. */
  copyFor(point: ListeningPoint): SipRequest;
  onProvisional(response: SipResponse): void;
  /** Once for each branch, and again for each further 2xx of an INVITE. */
  onFinal(outcome: Outcome): void;
}

const nowhere: Target = { protocol: 'udp', address: '', port: 0 };

const generated = {
  408: 'Request Timeout',
  482: 'Loop Detected',
  487: 'Request Terminated',
  503: 'Service Unavailable',
} as const;

/** One copy of a proxied request on its way to one destination (RFC 3261 §16.6, §16.8, §16.9). */
export class Branch implements ClientTransactionUser {
  readonly #context: ProxyContext;
  readonly #request: SipRequest;
  readonly #user: BranchUser;
  readonly #provisionalAlarm: Alarm;
  readonly #finalAlarm: Alarm;
  #tx: ClientTransactionOf | undefined;
  /** Its final response is known, or it is not waited for any longer. */
  isDecided = false;
  #cancel: readonly string[] | undefined;

  constructor(context: ProxyContext, request: SipRequest, user: BranchUser) {
    this.#context = context;
    this.#request = request;
    this.#user = user;
    const { wheel } = context.transactions;
    this.#provisionalAlarm = new Alarm(wheel, () => this.#giveUp());
    this.#finalAlarm = new Alarm(wheel, () => this.#giveUp());
  }

  get mayMoveOn(): boolean {
    return !this.isDecided && this.#cancel === undefined;
  }

  start(nextHop: string, { provisionalMs, finalMs }: Patience): void {
    if (provisionalMs !== undefined) this.#provisionalAlarm.start(provisionalMs);
    if (finalMs !== undefined) this.#finalAlarm.start(finalMs);
    withTargets(this.#context, nextHop, (found) => this.#begin(found));
  }

  /**
   * An INVITE is cancelled as soon as that is allowed, and the branch ends with its final response; one whose peer has
   * said nothing yet is not waited for (RFC 3261 §9.1, §16.10).
   */
  cancel(reasons: readonly string[]): void {
    if (this.isDecided || this.#cancel !== undefined || this.#request.method !== 'INVITE') return;
    this.#cancel = reasons;
    if (!this.#sendCancel()) this.#decide(487);
  }

  onResponse(response: SipResponse, flow: Flow): void {
    const from = { protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort };
    if (response.status < 200) this.#onProvisional(response);
    else if (!this.isDecided || this.#isFurtherAnswer(response)) this.#finish({ response, from });
  }

  onTimeout(): void {
    this.#decide(this.#cancel === undefined ? 408 : 487);
  }

  onTransportError(): void {
    this.#decide(503);
  }

  /** Timer C (RFC 3261 §16.8). */
  onSilence(): void {
    this.#giveUp();
  }

  #begin({ targets, isOwn }: Found): void {
    if (this.isDecided) return;
    const [first, ...rest] = targets;
    if (first === undefined) {
      this.#decide(isOwn ? 482 : 503);
      return;
    }
    const user =
      rest.length === 0
        ? this
        : new TargetWalk(this.#context.transactions, this, rest, (target) => this.#send(target, user));
    this.#send(first, user);
  }

  #send(target: Target, user: ClientTransactionUser): void {
    const { transactions } = this.#context;
    const request = this.#user.copyFor(transactions.transport.listeningPointFor(target)!);
    this.#tx =
      request.method === 'INVITE'
        ? transactions.sendInvite(request, target, user)
        : transactions.send(request, target, user);
  }

  #onProvisional(response: SipResponse): void {
    this.#provisionalAlarm.stop();
    if (this.#cancel !== undefined) this.#sendCancel();
    else if (response.status > 100 && !this.isDecided) this.#user.onProvisional(response);
  }

  /** False while no provisional response has come; true also when there is nothing left to cancel. */
  #sendCancel(): boolean {
    const tx = this.#tx;
    if (!(tx instanceof InviteClientTransaction) || !tx.mayCancel) return false;
    const cancel = cancelFor(tx.request);
    for (const reason of this.#cancel ?? []) cancel.headers.append('Reason', reason);
    this.#context.transactions.cancel(tx, cancel, cancelOutcome);
    return true;
  }

  /** All 2xx of an INVITE go to the caller, also late ones: it must end what it does not want (RFC 3261 §16.7). */
  #isFurtherAnswer({ status }: SipResponse): boolean {
    return this.#request.method === 'INVITE' && status < 300;
  }

  #giveUp(): void {
    if (this.isDecided) return;
    this.#cancel ??= [];
    if (this.#request.method === 'INVITE') this.#sendCancel();
    this.#decide(408);
  }

  #decide(status: keyof typeof generated): void {
    if (this.isDecided) return;
    const response = replyTo(this.#request, status, generated[status], newTag());
    this.#finish({ response, from: this.#tx?.target ?? nowhere });
  }

  #finish(outcome: Outcome): void {
    this.isDecided = true;
    // A target left for its silence has answered after all: the present one is no longer needed.
    if (outcome.response.status < 300 && this.#tx?.isOpen === true) {
      this.#cancel ??= [];
      this.#sendCancel();
    }
    this.#provisionalAlarm.stop();
    this.#finalAlarm.stop();
    this.#user.onFinal(outcome);
  }
}

/** The INVITE's own final response tells what became of the CANCEL. */
const cancelOutcome: ClientTransactionUser = { onResponse: () => {}, onTimeout: () => {}, onTransportError: () => {} };
