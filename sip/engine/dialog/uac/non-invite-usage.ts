import type { SipRequest, SipResponse } from '../../message/message.ts';
import type { ClientTransactionUser } from '../../transaction/client-transaction.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Flow, Target } from '../../transport/transport.ts';
import type { Application } from '../application.ts';
import { type Core, endDialog, type OutgoingRequest } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { callIdOf, dialogIdOf, fromTagOf } from '../dialog-id.ts';
import { agreeAsUac } from '../session-timer/agreement.ts';
import { followSubscription } from '../subscription/follow-subscription.ts';
import { openSubscription } from '../subscription/subscription-dialog.ts';
import type { Alternatives } from './alternatives.ts';
import { type GeneratedStatus, generatedResponse } from './generated-response.ts';

const refreshesTarget = new Set(['UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** One of our requests other than INVITE, until its final response has reached the application. */
export class NonInviteUsage implements ClientTransactionUser, OutgoingRequest {
  readonly id: string;
  request: SipRequest;
  owner: Application;
  readonly #core: Core;
  #target: Target;
  readonly #dialog: Dialog | undefined;
  readonly #alternatives: Alternatives | undefined;

  constructor(
    core: Core,
    id: string,
    request: SipRequest,
    target: Target,
    owner: Application,
    dialog: Dialog | undefined,
    alternatives?: Alternatives,
  ) {
    this.#alternatives = alternatives;
    this.#core = core;
    this.id = id;
    this.request = request;
    this.#target = target;
    this.owner = owner;
    this.#dialog = dialog;
    if (dialog !== undefined && this.#isOffer) dialog.ownOffers += 1;
  }

  get #isOffer(): boolean {
    return this.method === 'UPDATE' && this.request.body.length > 0;
  }

  get method(): string {
    return this.request.method;
  }

  /** Provisional responses end here: drachtio-srf would take one for the answer. */
  onResponse(response: SipResponse, flow: Flow): void {
    if (response.status === 503 && this.#tryElsewhere()) return;
    if (response.status >= 200) this.#finish(response, peerOf(flow));
  }

  onTimeout(): void {
    if (!this.#tryElsewhere()) this.fail(408);
  }

  onTransportError(): void {
    if (!this.#tryElsewhere()) this.fail(503);
  }

  fail(status: GeneratedStatus, reason?: string): void {
    this.#finish(generatedResponse(this.request, status, reason), this.#target);
  }

  /** RFC 3263 §4.3; false when there is nowhere else, or nobody to tell. */
  #tryElsewhere(): boolean {
    const next = this.owner.isConnected ? this.#alternatives?.next(this.request) : undefined;
    if (next === undefined) return false;
    this.request = next.request;
    this.#target = next.target;
    this.#core.transactions.send(next.request, next.target, this);
    return true;
  }

  #finish(response: SipResponse, from: Target): void {
    this.#core.outgoing.delete(this.id);
    if (this.#dialog !== undefined) this.#updateDialog(this.#dialog, response);
    else if (this.#makesDialog(response)) openSubscription(this.#core, this.request, response, from, this.owner);
    this.owner.deliverResponse(response, from, { transactionId: this.id, dialogId: this.dialogId });
  }

  #makesDialog({ status }: SipResponse): boolean {
    return this.method === 'SUBSCRIBE' && status < 300 && this.owner.isConnected;
  }

  /** The application is told the id of the dialog a SUBSCRIBE makes, whether it comes to one or not. */
  get dialogId(): string {
    if (this.#dialog !== undefined || this.method !== 'SUBSCRIBE') return this.#dialog?.id ?? '';
    return dialogIdOf(callIdOf(this.request.headers), fromTagOf(this.request.headers));
  }

  #updateDialog(dialog: Dialog, response: SipResponse): void {
    const { status } = response;
    if (this.#isOffer) dialog.ownOffers -= 1;
    followSubscription(dialog, this.request, response);
    const isChallenge = status === 401 || status === 407;
    if (this.method === 'BYE') {
      if (!isChallenge) endDialog(this.#core, dialog);
    } else if (status < 300 && refreshesTarget.has(this.method)) {
      dialog.refreshTarget(response);
      if (this.method === 'UPDATE' && dialog.isConfirmed)
        this.#core.followSession(
          dialog,
          agreeAsUac(this.#core.options.minSessionSeconds, response),
          response,
          this.request.body,
        );
    }
  }
}
