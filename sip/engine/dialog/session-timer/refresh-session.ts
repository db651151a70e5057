import { cseqOf } from '../../message/cseq.ts';
import { Headers } from '../../message/headers.ts';
import type { SipRequest, SipResponse } from '../../message/message.ts';
import type { ClientTransactionUser } from '../../transaction/client-transaction.ts';
import { keep } from '../../transaction/kept-bytes.ts';
import type { Target } from '../../transport/transport.ts';
import { type Core, pointFor } from '../core.ts';
import type { Dialog, OwnInvite } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { withRoute } from '../next-hop.ts';
import { engineDraft } from '../uac/engine-draft.ts';
import { hangUpAndTell } from '../uac/hang-up.ts';
import { agreeAsUac } from './agreement.ts';
import { formatSessionExpires, MIN_SESSION_SECONDS, minSessionSecondsOf } from './session-expires.ts';

const RETRY_MS = 10_000;

/** Refreshes the session by the engine's own UPDATE, or re-INVITE with the last offer; the application is told nothing. */
export function refreshSession(core: Core, dialog: Dialog): void {
  const { session } = dialog;
  if (session === undefined) return;
  if (dialog.ownInvite !== undefined || dialog.peerInvite !== undefined) {
    session.refreshIn(glareDelayMs(dialog));
    return;
  }
  const sent = withRoute(core, dialog, (routing, target) => {
    const draft = draftOf(session.peerTakesUpdate ? 'UPDATE' : 'INVITE', session.agreement.seconds, session.localSdp);
    const request = completeInDialogRequest(dialog, draft, routing, dialog.nextCseq(), pointFor(core, target));
    const refresh = new Refresh(core, dialog, request);
    if (request.method === 'INVITE') core.transactions.sendInvite(request, target, refresh);
    else core.transactions.send(request, target, refresh);
  });
  if (sent instanceof Promise) sent.catch(() => session.refreshIn(RETRY_MS));
}

function draftOf(method: 'INVITE' | 'UPDATE', seconds: number, sdp: Buffer): SipRequest {
  const headers = Headers.from([
    ['Supported', 'timer'],
    ['Session-Expires', formatSessionExpires(seconds, 'uac')],
    ['Min-SE', `${MIN_SESSION_SECONDS}`],
  ]);
  const body = method === 'INVITE' ? sdp : Buffer.alloc(0);
  return { kind: 'request', method, uri: 'sip:placeholder', headers, body };
}

/** After a 491 the side that made the Call-ID waits longer (RFC 3261 §14.1). */
const glareDelayMs = ({ role }: Dialog): number =>
  role === 'uac' ? 2_100 + Math.random() * 1_900 : Math.random() * 2_000;

/** One refresh under way. */
class Refresh implements ClientTransactionUser, OwnInvite {
  readonly #core: Core;
  readonly #dialog: Dialog;
  readonly #request: SipRequest;
  #ack: { readonly bytes: Buffer; readonly target: Target } | undefined;

  constructor(core: Core, dialog: Dialog, request: SipRequest) {
    this.#core = core;
    this.#dialog = dialog;
    this.#request = request;
    if (request.method === 'INVITE') dialog.ownInvite = this;
  }

  onResponse(response: SipResponse): void {
    if (response.status < 200) return;
    const isFirst = this.#end();
    if (response.status >= 300) this.#onFailure(response);
    else {
      if (this.#request.method === 'INVITE') this.#acknowledge();
      if (isFirst) this.#onSuccess(response);
    }
  }

  onTimeout(): void {
    this.#giveUp();
  }

  onTransportError(): void {
    this.#giveUp();
  }

  // The dialog ends, or a BYE follows at once: whatever becomes of this request interests nobody.
  giveUp(): void {}
  cancelQuietly(): void {}
  dialogOfProvisional(): undefined {}

  /** False when it had ended before. */
  #end(): boolean {
    if (this.#dialog.ownInvite === this) this.#dialog.ownInvite = undefined;
    return this.#ack === undefined;
  }

  #onSuccess(response: SipResponse): void {
    if (this.#dialog.isEnded) return;
    this.#dialog.refreshTarget(response);
    this.#core.followSession(this.#dialog, agreeAsUac(response), response, Buffer.alloc(0));
  }

  /** RFC 4028 §7.3, §10; RFC 3261 §14.1. */
  #onFailure({ status, headers }: SipResponse): void {
    const { session } = this.#dialog;
    if (session === undefined || this.#dialog.isEnded) return;
    if (status === 408 || status === 481) this.#giveUp();
    else if (status === 491) session.refreshIn(glareDelayMs(this.#dialog));
    else if (status === 422) {
      session.agreement = {
        ...session.agreement,
        seconds: Math.max(minSessionSecondsOf(headers), session.agreement.seconds),
      };
      refreshSession(this.#core, this.#dialog);
    } else session.refreshIn(RETRY_MS);
  }

  #giveUp(): void {
    this.#end();
    if (!this.#dialog.isEnded) hangUpAndTell(this.#core, this.#dialog, 'Session timer expired');
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
