import type { Logger } from '../log.ts';
import { EarlyUpdates } from './early-updates.ts';
import { sendFinal } from './final-status.ts';
import { offer } from './relay-in-dialog.ts';
import { timerHeaderForCaller } from './session-timer.ts';
import type { InviteRequest, InviteResponse, SipApplication, SipDialog, SipResponse } from './srf.ts';

/** The INVITE as it came, and the means to answer it. */
export interface IncomingInvite {
  readonly req: InviteRequest;
  readonly res: InviteResponse;
}

/** Passed on as they are; others say no more than 183 (RFC 3261 §8.1.3.2). */
const KNOWN_PROVISIONALS: ReadonlySet<number> = new Set([180, 181, 182, 183]);
/** An early dialog of the buyer has ended: nothing to the caller (RFC 6228). */
const EARLY_DIALOG_TERMINATED = 199;

/** What we understand in a dialog (RFC 3261 §20.5). */
export const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, MESSAGE, NOTIFY';

const RETRY_AFTER_SECONDS = 10;

export interface CallerLegOptions {
  readonly sessionSeconds: number;
  readonly log: Logger;
}

/** The caller's leg until it is answered or refused. */
export class CallerLeg {
  /** The offer; empty for a delayed one (RFC 3261 §13.2.1). */
  readonly sdp: string;
  /** Provisional responses may go to the caller reliably (RFC 3262 §3). */
  readonly takesReliable: boolean;
  readonly #sip: SipApplication;
  readonly #invite: IncomingInvite;
  readonly #requiresReliable: boolean;
  readonly #sessionSeconds: number;
  /** An answer the caller got reliably: it cannot be replaced by another before the call is up (RFC 3262 §5). */
  #committedSdp: string | undefined;
  readonly #updates: EarlyUpdates;
  #rings = false;

  constructor(sip: SipApplication, invite: IncomingInvite, { sessionSeconds, log }: CallerLegOptions) {
    this.#sip = sip;
    this.#invite = invite;
    this.#sessionSeconds = sessionSeconds;
    this.#updates = new EarlyUpdates(sip, invite.req, log);
    this.sdp = invite.req.body;
    this.#requiresReliable = namesOption(invite.req, 'require', '100rel');
    this.takesReliable = this.#requiresReliable || namesOption(invite.req, 'supported', '100rel');
  }

  /**
   * A provisional response of a buyer. While several ring nobody's early media is heard: the caller is told once that it
   * rings. Otherwise it is passed on with its early media, reliably where the buyer's was.
   */
  passOn(response: SipResponse, isAlone: boolean): void {
    const { status } = response;
    if (status <= 100 || status === EARLY_DIALOG_TERMINATED || this.#invite.res.finalResponseSent) return;
    if (isAlone) this.#passOnAlone(response);
    else if (!this.#rings) {
      this.#rings = true;
      this.#invite.res.send(180);
    }
  }

  /** 200 with the buyer's session description. `done` comes without a dialog when the caller has left. */
  answer(buyerSdp: string, done: (error: Error | null, uas?: SipDialog) => void): void {
    const { req, res } = this.#invite;
    const localSdp = this.#committedSdp ?? buyerSdp;
    const headers = { ...timerHeaderForCaller(req, this.#sessionSeconds), Supported: 'timer', Allow: ALLOW };
    this.#sip.createUAS(req, res, { localSdp, headers }, (error, uas) => {
      if (uas !== undefined && buyerSdp !== '' && localSdp !== buyerSdp) offerAfterAck(uas, buyerSdp);
      done(error, uas);
    });
  }

  /** 503 says when to come again (RFC 3261 §21.5.4). */
  refuse(status: number, reason: string | undefined): void {
    const headers: Record<string, string> = status === 503 ? { 'Retry-After': `${RETRY_AFTER_SECONDS}` } : {};
    sendFinal(this.#invite.res, status, reason, headers);
  }

  #passOnAlone(response: SipResponse): void {
    const status = KNOWN_PROVISIONALS.has(response.status) ? response.status : 183;
    const isReliable = this.#requiresReliable || (this.takesReliable && response.has('rseq'));
    const body = this.#sdpToPassOn(response.body, isReliable);
    const headers = isReliable ? { Require: '100rel' } : {};
    const content = { headers, ...(body === '' ? {} : { body }) };
    if (response.has('rseq')) this.#updates.buyerHas(response);
    const { res } = this.#invite;
    res.send(status, response.reason, content, () => {
      if (isReliable) this.#updates.callerHas(res.stackDialogId);
    });
  }

  #sdpToPassOn(sdp: string, isReliable: boolean): string {
    if (sdp === '' || !isReliable) return sdp;
    if (this.#committedSdp === undefined) {
      this.#committedSdp = sdp;
      return sdp;
    }
    return '';
  }
}

function namesOption(invite: InviteRequest, header: string, tag: string): boolean {
  const tags = (invite.get(header) ?? '').toLowerCase().split(/[,\s]+/);
  return tags.includes(tag);
}

/** Another buyer's answer went to the caller before: the one who took the call makes an offer of its own. */
function offerAfterAck(uas: SipDialog, sdp: string): void {
  uas.once('ack', () => {
    offer(uas, 'INVITE', sdp).catch(() => undefined); // a caller who is gone by now tells us itself
  });
}
