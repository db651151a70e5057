import type { Logger } from '../log.ts';
import type { InviteRequest, InviteResponse, SipApplication, SipRequest, SipResponse } from './srf.ts';

const RETRY_LATER = { headers: { 'Retry-After': '3' } };

/**
 * Carries UPDATE across before the call is answered, between the early dialogs that reliable provisional responses have made
 * on both legs (RFC 3311 §5.1). Where one leg has none, 500 with Retry-After, as for an offer that is still open.
 */
export class EarlyUpdates {
  readonly #sip: SipApplication;
  readonly #log: Logger;
  #callerDialogId: string | undefined;
  #buyerDialogId: string | undefined;

  constructor(sip: SipApplication, invite: InviteRequest, log: Logger) {
    this.#sip = sip;
    this.#log = log;
    invite.on('update', (req, res) => this.#carry(this.#buyerDialogId, req, res));
  }

  callerHas(dialogId: string | undefined): void {
    this.#callerDialogId = dialogId;
  }

  /** drachtio-srf would answer the buyer's UPDATE with our first offer. */
  buyerHas({ stackDialogId, req }: SipResponse): void {
    this.#buyerDialogId = stackDialogId;
    req.removeAllListeners('update');
    req.on('update', (update, res) => this.#carry(this.#callerDialogId, update, res));
  }

  #carry(stackDialogId: string | undefined, req: SipRequest, res: InviteResponse): void {
    if (stackDialogId === undefined) {
      res.send(500, undefined, RETRY_LATER);
      return;
    }
    const headers: Record<string, string> = req.body === '' ? {} : { 'Content-Type': 'application/sdp' };
    const update = { uri: 'sip:placeholder', method: 'UPDATE', stackDialogId, headers, body: req.body };
    this.#sip.request(update, (err, sent) => {
      if (sent === undefined) {
        this.#log.info({ err, sipMethod: 'UPDATE' }, 'request not carried across');
        res.send(500, undefined, RETRY_LATER);
        return;
      }
      sent.on('response', ({ status, reason, body }) => res.send(status, reason, body === '' ? {} : { body }));
    });
  }
}
