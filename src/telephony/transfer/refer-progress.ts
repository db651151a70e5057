import type { SipDialog, SipRequest } from '../srf.ts';

/** How long the subscription a REFER makes may last (RFC 3515 §2.4.4); a buyer's ring timeout is shorter. */
const EXPIRES_SECONDS = 330;

/** Tells the transferor by NOTIFY what became of its REFER (RFC 3515 §2.4.5), unless it said `Refer-Sub: false` (RFC 4488). */
export class ReferProgress {
  readonly isWanted: boolean;
  readonly #transferor: SipDialog;
  readonly #event: string;

  /** `isFirst`: of this dialog; later ones are told apart by their CSeq (RFC 3515 §2.4.6). */
  constructor(transferor: SipDialog, refer: SipRequest, isFirst: boolean) {
    this.#transferor = transferor;
    this.isWanted = !/^\s*false\b/i.test(refer.get('refer-sub') ?? '');
    this.#event = isFirst ? 'refer' : `refer;id=${Number.parseInt(refer.get('cseq') ?? '0', 10)}`;
  }

  /** A final status ends the subscription. Resolves when the transferor has it, or could not be told; never rejects. */
  async report(status: number, reason: string): Promise<void> {
    if (!this.isWanted || !this.#transferor.connected) return;
    const state = status < 200 ? `active;expires=${EXPIRES_SECONDS}` : 'terminated;reason=noresource';
    const headers = {
      Event: this.#event,
      'Subscription-State': state,
      'Content-Type': 'message/sipfrag;version=2.0',
    };
    const body = `SIP/2.0 ${status} ${reason}\r\n`;
    await this.#transferor.request({ method: 'NOTIFY', headers, body }).catch(() => undefined); // it may have hung up
  }
}
