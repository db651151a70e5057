import { cseqOf } from '../../message/cseq.ts';
import { Headers } from '../../message/headers.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import { cancelFor } from '../../transaction/ack.ts';
import type { ClientTransactionUser } from '../../transaction/client-transaction.ts';
import type { InviteClientTransaction } from '../../transaction/invite-client.ts';
import { keep } from '../../transaction/kept-bytes.ts';
import type { Target } from '../../transport/transport.ts';
import { type Core, pointFor } from '../core.ts';
import type { Dialog, OwnInvite } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { withRoute } from '../next-hop.ts';
import { engineDraft } from '../uac/engine-draft.ts';
import { agreeAsUac } from './agreement.ts';
import { expireSession } from './expire-session.ts';
import { formatSessionExpires, minSessionSecondsOf } from './session-expires.ts';
import type { SessionTimer } from './session-timer.ts';

const RETRY_MS = 10_000;

const retryAfterMs = (headers: Headers): number =>
  Number.parseInt(headers.get('Retry-After') ?? '', 10) * 1000 || RETRY_MS;

const nobodyWaits: ClientTransactionUser = { onResponse: () => {}, onTimeout: () => {}, onTransportError: () => {} };

/** Refreshes the session by the engine's own UPDATE, or re-INVITE with the last offer; the application is told nothing. */
export function refreshSession(core: Core, dialog: Dialog): void {
  const { session } = dialog;
  if (session?.isRunning !== true || session.isRefreshing) return;
  if (isBusy(dialog)) {
    session.refreshIn(glareDelayMs(dialog));
    return;
  }
  session.refreshStarted();
  // Without a way to the peer any more the expiry ends the session.
  send(core, dialog, session).catch(() => session.refreshEnded());
}

/** Other INVITEs and UPDATEs are in the way of ours (RFC 3261 §14.1, RFC 3311 §5.1). */
const isBusy = (dialog: Dialog): boolean =>
  dialog.ownInvite !== undefined ||
  dialog.peerInvite !== undefined ||
  dialog.unacknowledged !== undefined ||
  dialog.answers.length > 0 ||
  dialog.ownOffers > 0 ||
  dialog.peerUpdates > 0;

async function send(core: Core, dialog: Dialog, session: SessionTimer): Promise<void> {
  await withRoute(core, dialog, (routing, target) => {
    const draft = draftOf(session, Math.max(core.options.minSessionSeconds, session.peerMinSeconds));
    const request = completeInDialogRequest(dialog, draft, routing, dialog.nextCseq(), pointFor(core, target));
    const refresh = new Refresh(core, dialog, session, request);
    if (request.method === 'INVITE') refresh.tx = core.transactions.sendInvite(request, target, refresh);
    else core.transactions.send(request, target, refresh);
  });
}

/** UPDATE where the peer takes it, it leaves the session alone, and where we know of no offer to repeat. */
function draftOf({ agreement, localSdp, peerTakesUpdate }: SessionTimer, minSeconds: number): SipRequest {
  const method = peerTakesUpdate || localSdp.length === 0 ? 'UPDATE' : 'INVITE';
  const headers = Headers.from([
    ['Supported', 'timer'],
    ['Session-Expires', formatSessionExpires(agreement.seconds, 'uac')],
    ['Min-SE', `${minSeconds}`],
  ]);
  const body = method === 'INVITE' ? localSdp : Buffer.alloc(0);
  return { kind: 'request', method, uri: 'sip:placeholder', headers, body };
}

/** After a 491 the side that made the Call-ID waits longer (RFC 3261 §14.1). */
const glareDelayMs = ({ role }: Dialog): number =>
  role === 'uac' ? 2_100 + Math.random() * 1_900 : Math.random() * 2_000;

/** One refresh under way. */
class Refresh implements ClientTransactionUser, OwnInvite {
  readonly #core: Core;
  readonly #dialog: Dialog;
  readonly #session: SessionTimer;
  readonly #request: SipRequest;
  /** Of a re-INVITE. */
  tx: InviteClientTransaction | undefined;
  #isOver = false;
  readonly isOfferOpen = true;
  #ack: { readonly bytes: Buffer; readonly target: Target } | undefined;

  constructor(core: Core, dialog: Dialog, session: SessionTimer, request: SipRequest) {
    this.#core = core;
    this.#dialog = dialog;
    this.#session = session;
    this.#request = request;
    if (request.method === 'INVITE') dialog.ownInvite = this;
  }

  onResponse(response: SipResponse): void {
    if (response.status < 200) return;
    const isFirst = !this.#isOver;
    this.#leave();
    if (response.status < 300) {
      if (this.#request.method === 'INVITE') this.#acknowledge();
      if (isFirst) this.#onSuccess(response);
    }
    if (isFirst) this.#session.refreshEnded();
    if (response.status >= 300) this.#onFailure(response);
  }

  onTimeout(): void {
    this.#giveUp();
  }

  onTransportError(): void {
    this.#giveUp();
  }

  /** The peer has ended the dialog, and answers this too. */
  giveUp(): void {
    this.#leave();
    this.#session.refreshEnded();
  }

  cancelQuietly(): void {
    if (this.tx?.mayCancel === true) this.#core.transactions.cancel(this.tx, cancelFor(this.#request), nobodyWaits);
  }

  #leave(): void {
    this.#isOver = true;
    if (this.#dialog.ownInvite === this) this.#dialog.ownInvite = undefined;
  }

  #onSuccess(response: SipResponse): void {
    if (this.#dialog.isEnded) return;
    this.#dialog.refreshTarget(response);
    this.#core.followSession(
      this.#dialog,
      agreeAsUac(this.#core.options.minSessionSeconds, response),
      response,
      Buffer.alloc(0),
    );
  }

  /** RFC 4028 §7.3, §10; RFC 3261 §14.1. */
  #onFailure({ status, headers }: SipResponse): void {
    const session = this.#session;
    if (!session.isRunning) return;
    if (status === 408 || status === 481) this.#giveUp();
    else if (status === 491) session.refreshIn(glareDelayMs(this.#dialog));
    else if (status === 422) this.#raiseTo(minSessionSecondsOf(headers));
    else if (status === 405 || status === 501) this.#withoutUpdate();
    // What is refused otherwise will be again; the expiry ends the session.
    else if (status >= 500) session.refreshIn(retryAfterMs(headers));
  }

  #raiseTo(seconds: number): void {
    const session = this.#session;
    if (seconds <= session.agreement.seconds) return;
    session.peerMinSeconds = seconds;
    session.agreement = { ...session.agreement, seconds };
    refreshSession(this.#core, this.#dialog);
  }

  /** Allow promised too much. */
  #withoutUpdate(): void {
    if (!this.#session.peerTakesUpdate) return;
    this.#session.peerTakesUpdate = false;
    refreshSession(this.#core, this.#dialog);
  }

  #giveUp(): void {
    this.#leave();
    if (this.#session.isRunning) expireSession(this.#core, this.#dialog);
    this.#session.refreshEnded();
  }

  /** Again for each 2xx that comes again (RFC 3261 §13.2.2.4). */
  #acknowledge(): void {
    const core = this.#core;
    if (this.#ack !== undefined) {
      core.transactions.transport.send(this.#ack.bytes, this.#ack.target, () => {});
      return;
    }
    const sent = withRoute(core, this.#dialog, (routing, target) => {
      const { number } = cseqOf(this.#request);
      const ack = completeInDialogRequest(this.#dialog, engineDraft('ACK'), routing, number, pointFor(core, target));
      this.#ack = { bytes: keep(core.transactions.sendAck(ack, target)), target };
    });
    if (sent instanceof Promise) sent.catch(() => {});
  }
}
