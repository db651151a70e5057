import { type BuyerLeg, isDialog, releaseBuyer } from './buyer-leg.ts';
import type { SentRequest, SipApplication, SipFailure, SipResponse, UacOptions, UacResult } from './srf.ts';

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
  /** The reason phrase, or what we did: `ring timeout`, `cancelled`, `answered elsewhere`, `not sent: …`. */
  readonly reason: string;
  readonly cause: 'refused' | 'ring_timeout' | 'cancelled' | 'not_sent';
  readonly ringingAt: number | undefined;
  /** With 422: the shortest session timer the buyer takes (RFC 4028 §5). */
  readonly minSessionSeconds?: number;
}

/** Why an attempt is given up; each says so to the buyer (RFC 3326). */
export type StopReason = 'ring_timeout' | 'cancelled' | 'answered_elsewhere';

export interface AttemptOptions {
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: UacOptions['auth'];
  readonly proxy?: string | undefined;
  /** The offer; empty for a delayed one (RFC 3261 §13.2.1). */
  readonly sdp: string;
  readonly ringTimeoutMs: number;
  readonly now: () => number;
  /** 180, 183 and the like, as they come. */
  readonly onProvisional: (response: SipResponse) => void;
}

/** A drachtio-server forgets an INVITE whose CANCEL nobody answers; ours says 487 after 32 s, and a BYE may take as long. */
const GONE_LIMIT_MS = 70_000;

const CANCEL_REASONS: Readonly<Record<StopReason, string | undefined>> = {
  ring_timeout: 'SIP;cause=408;text="Ring timeout"',
  cancelled: undefined,
  answered_elsewhere: 'SIP;cause=200;text="Call completed elsewhere"',
};

/** Sends the INVITE, rings for a bounded time, and can be cancelled at any moment (RFC 3261 §9.1). */
export class Attempt {
  readonly result: Promise<AttemptResult>;
  /**
   * Resolves when no leg is left: the INVITE has its final response and, if that crossed our CANCEL as a 2xx, the BYE is
   * through. Never before `result`; stays open for an answered attempt, whose leg belongs to whoever takes it.
   */
  readonly gone: Promise<void>;
  readonly #options: AttemptOptions;
  #sent: SentRequest | undefined;
  #ringingAt: number | undefined;
  #stopped: StopReason | undefined;
  readonly #settle: (result: AttemptResult) => void;
  readonly #leave: () => void;
  #settled = false;

  constructor(sip: SipApplication, options: AttemptOptions) {
    this.#options = options;
    const result = Promise.withResolvers<AttemptResult>();
    const gone = Promise.withResolvers<void>();
    this.result = result.promise;
    this.gone = gone.promise;
    this.#leave = gone.resolve;
    const timer = setTimeout(() => this.stop('ring_timeout'), options.ringTimeoutMs);
    this.#settle = (value) => {
      clearTimeout(timer);
      this.#settled = true;
      result.resolve(value);
    };
    this.#send(sip);
  }

  /** Works before, while and after the INVITE leaves; without effect once it is settled. */
  stop(why: StopReason): void {
    if (this.#settled) return;
    this.#stopped = why;
    if (this.#sent !== undefined) this.#cancel(this.#sent);
    const limit = setTimeout(this.#leave, GONE_LIMIT_MS).unref();
    void this.gone.then(() => clearTimeout(limit));
    // A silent buyer owes us no answer to a CANCEL, and the next buyer must not wait for it.
    this.#settle(this.#failedWith(487, why === 'ring_timeout' ? why : 'cancelled', why.replace('_', ' ')));
  }

  #send(sip: SipApplication): void {
    const { uri, headers, auth, proxy, sdp } = this.#options;
    const options: UacOptions = {
      ...{ uri, method: 'INVITE', headers: { ...headers } },
      ...(auth === undefined ? {} : { auth }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(sdp === '' ? { noAck: true } : { localSdp: sdp }),
    };
    const progress = {
      cbRequest: (error: Error | null, request?: SentRequest) => this.#onSent(error, request),
      cbProvisional: (response: SipResponse) => this.#onProvisional(response),
    };
    sip.createUAC(options, progress, (error, leg) => {
      if (leg !== undefined) this.#onAnswer(leg);
      else this.#onFailure(error);
    });
  }

  #onSent(error: Error | null, request: SentRequest | undefined): void {
    if (error !== null || request === undefined) return;
    this.#sent = request;
    if (this.#stopped !== undefined) this.#cancel(request);
  }

  #cancel(request: SentRequest): void {
    const reason = this.#stopped && CANCEL_REASONS[this.#stopped];
    request.cancel(reason === undefined ? {} : { headers: { Reason: reason } });
  }

  #onProvisional(response: SipResponse): void {
    if (response.status === 180 || response.status === 183) this.#ringingAt ??= this.#options.now();
    if (this.#stopped === undefined) this.#options.onProvisional(response);
  }

  /** A 2xx that crossed our CANCEL is hung up at once: the attempt has failed already (semantics §7). */
  #onAnswer(answer: UacResult): void {
    const leg: BuyerLeg = isDialog(answer) ? { kind: 'dialog', dialog: answer } : { kind: 'delayed', offer: answer };
    if (this.#settled) {
      void releaseBuyer(leg).then(this.#leave);
      return;
    }
    if (leg.kind === 'dialog') leg.dialog.queueRequests = true;
    this.#settle({ kind: 'answered', leg, answeredAt: this.#options.now(), ringingAt: this.#ringingAt });
  }

  #onFailure(error: SipFailure | null): void {
    if (!this.#settled) this.#settle(this.#failed(error));
    this.#leave();
  }

  #failed(error: SipFailure | null): FailedAttempt {
    if (error?.status === undefined)
      return this.#failedWith(503, 'not_sent', `not sent: ${error?.message ?? 'unknown'}`);
    const failure = this.#failedWith(error.status, 'refused', error.reason ?? '');
    const minSessionSeconds = error.status === 422 ? Number.parseInt(error.res?.get('min-se') ?? '', 10) : Number.NaN;
    return minSessionSeconds > 0 ? { ...failure, minSessionSeconds } : failure;
  }

  #failedWith(sipStatus: number, cause: FailedAttempt['cause'], reason: string): FailedAttempt {
    return { kind: 'failed', sipStatus, reason, cause, ringingAt: this.#ringingAt };
  }
}
