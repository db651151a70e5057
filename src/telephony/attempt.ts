import type {
  DelayedOffer,
  InviteRequest,
  SentRequest,
  SipApplication,
  SipDialog,
  SipFailure,
  SipResponse,
  UacResult,
} from './srf.ts';

/** One INVITE to one destination, as it ended. */
export type AttemptResult = AnsweredAttempt | FailedAttempt;

export interface AnsweredAttempt {
  readonly kind: 'answered';
  readonly leg: BuyerLeg;
  readonly answeredAt: number;
  readonly ringingAt: number | undefined;
}

export interface FailedAttempt {
  readonly kind: 'failed';
  readonly sipStatus: number;
  /** The reason phrase, or what we did: `ring timeout`, `cancelled`, `not sent: …`. */
  readonly reason: string;
  readonly cause: 'refused' | 'ring_timeout' | 'cancelled' | 'not_sent';
  readonly ringingAt: number | undefined;
}

/** The buyer's side after its 2xx, before the caller was answered. */
export type BuyerLeg =
  | { readonly kind: 'dialog'; readonly dialog: SipDialog }
  | { readonly kind: 'delayed'; readonly offer: DelayedOffer };

export interface AttemptOptions {
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly ringTimeoutMs: number;
  readonly now: () => number;
  /** 180, 183 and the like, as they come. */
  readonly onProvisional: (response: SipResponse) => void;
}

/** Sends the INVITE, rings for a bounded time, and can be cancelled at any moment (RFC 3261 §9.1). */
export class Attempt {
  readonly result: Promise<AttemptResult>;
  readonly #options: AttemptOptions;
  #sent: SentRequest | undefined;
  #ringingAt: number | undefined;
  #stopped: 'ring_timeout' | 'cancelled' | undefined;
  readonly #settle: (result: AttemptResult) => void;
  #settled = false;

  constructor(sip: SipApplication, caller: InviteRequest, options: AttemptOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    this.result = promise;
    const timer = setTimeout(() => this.#stop('ring_timeout'), options.ringTimeoutMs);
    this.#settle = (result) => {
      clearTimeout(timer);
      this.#settled = true;
      resolve(result);
    };
    const offer = caller.body === '' ? { noAck: true } : { localSdp: caller.body };
    sip.createUAC(
      { uri: options.uri, method: 'INVITE', headers: options.headers, ...offer },
      {
        cbRequest: (error, request) => this.#onSent(error, request),
        cbProvisional: (response) => this.#onProvisional(response),
      },
      (error, leg) => {
        if (leg !== undefined) this.#onAnswer(leg);
        else if (!this.#settled) this.#settle(this.#failed(error));
      },
    );
  }

  /** The caller gave up. Works before, while and after the INVITE leaves; without effect once it is settled. */
  cancel(): void {
    this.#stop('cancelled');
  }

  /** Settles at once: a silent buyer owes us no answer to a CANCEL, and the next buyer must not wait for it. */
  #stop(why: 'ring_timeout' | 'cancelled'): void {
    if (this.#settled) return;
    this.#stopped = why;
    this.#sent?.cancel();
    this.#settle(this.#failedWith(487, why, why.replace('_', ' ')));
  }

  #onSent(error: Error | null, request: SentRequest | undefined): void {
    if (error !== null || request === undefined) return;
    this.#sent = request;
    if (this.#stopped !== undefined) request.cancel();
  }

  #onProvisional(response: SipResponse): void {
    if (response.status === 180 || response.status === 183) this.#ringingAt ??= this.#options.now();
    if (this.#stopped === undefined) this.#options.onProvisional(response);
  }

  /** A 2xx that crossed our CANCEL is hung up at once: the attempt has failed already (semantics §7). */
  #onAnswer(result: UacResult): void {
    const leg: BuyerLeg = isDialog(result) ? { kind: 'dialog', dialog: result } : { kind: 'delayed', offer: result };
    if (this.#settled) {
      releaseBuyer(leg);
      return;
    }
    if (leg.kind === 'dialog') leg.dialog.queueRequests = true;
    this.#settle({ kind: 'answered', leg, answeredAt: this.#options.now(), ringingAt: this.#ringingAt });
  }

  #failed(error: SipFailure | null): FailedAttempt {
    if (error?.status === undefined)
      return this.#failedWith(503, 'not_sent', `not sent: ${error?.message ?? 'unknown'}`);
    return this.#failedWith(error.status, 'refused', error.reason ?? '');
  }

  #failedWith(sipStatus: number, cause: FailedAttempt['cause'], reason: string): FailedAttempt {
    return { kind: 'failed', sipStatus, reason, cause, ringingAt: this.#ringingAt };
  }
}

/** Ends a buyer's leg whose caller is gone: ACK where still owed, then BYE. */
export function releaseBuyer(leg: BuyerLeg): void {
  if (leg.kind === 'delayed') {
    leg.offer.destroy().catch(() => undefined); // nobody left to tell; the engine has its own BYE for a dead leg
    return;
  }
  leg.dialog.queueRequests = false;
  leg.dialog.destroy({}, () => undefined);
}

function isDialog(result: UacResult): result is SipDialog {
  return 'queueRequests' in result;
}
