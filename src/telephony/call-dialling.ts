import type { Buyer } from '../domain/buyer.ts';
import type { CallKeys } from '../domain/call-key.ts';
import type { Destination, Gateway } from '../domain/destination.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import type { Logger } from '../log.ts';
import type { Admitted } from './admit-invite.ts';
import type { FailedAttempt } from './attempt.ts';
import type { CallData } from './call-data.ts';
import type { CallRecord } from './call-record.ts';
import type { CallRouting } from './call-routing.ts';
import { ALLOW, type CallerLeg } from './caller-leg.ts';
import type { DestinationHealth } from './destination-health.ts';
import type { Dial, DialHow, Dialling } from './dialling.ts';
import { type PreparedDial, prepareDial } from './prepare-dial.ts';
import { timerHeadersForBuyer } from './session-timer.ts';
import type { SipApplication } from './srf.ts';

export interface CallDiallingParts {
  readonly sip: SipApplication;
  readonly call: Admitted;
  readonly caller: CallerLeg;
  readonly record: CallRecord;
  readonly routing: CallRouting;
  readonly data: CallData;
  readonly gateways: ReadonlyMap<string, Gateway>;
  /** Where calls to us arrive, if we know. */
  readonly own: OwnAddress | undefined;
  readonly health: Pick<DestinationHealth, 'isHealthy'>;
  readonly callKeys: CallKeys;
  /** Session timer of the buyer's leg (RFC 4028). */
  readonly sessionSeconds: number;
  readonly now: () => number;
  readonly log: Logger;
}

const UNHEALTHY: PreparedDial = {
  kind: 'skip',
  reason: 'unhealthy',
  detail: 'a destination does not answer health checks',
};

/** Dials for one call and writes each attempt down. */
export class CallDialling implements Dialling {
  readonly sip: SipApplication;
  readonly sdp: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly #parts: CallDiallingParts;
  #attempts = 0;

  constructor(parts: CallDiallingParts) {
    this.sip = parts.sip;
    this.sdp = parts.caller.sdp;
    this.now = parts.now;
    this.log = parts.log;
    this.#parts = parts;
  }

  prepare(
    destination: Destination,
    buyer: Buyer | undefined,
    { isAlone, isForeign = false }: DialHow,
  ): Dial | undefined {
    const { call, record, routing, gateways, own, health, callKeys } = this.#parts;
    const callKey = isForeign ? undefined : () => callKeys.derive(record.uuid);
    const context = { call, uuid: record.uuid, callKey, tags: routing.tags, gateways, own };
    const prepared = health.isHealthy(destination) ? prepareDial(destination, buyer, context) : UNHEALTHY;
    if (prepared.kind === 'skip') {
      const { reason, detail } = prepared;
      this.log.warn({ buyerId: buyer?.id, reason, detail }, 'destination skipped');
      if (buyer !== undefined) routing.skip([{ buyerId: buyer.id, reason, detail }]);
      return undefined;
    }
    const { dial } = prepared;
    return { ...dial, headers: { ...dial.headers, ...this.#ownHeaders(), ...this.#sessionHeaders(isAlone) } };
  }

  selected(buyer: Buyer): Promise<void> {
    return this.#parts.data.ask('selected', buyer);
  }

  nextSeq(): number {
    this.#attempts += 1;
    return this.#attempts;
  }

  began(seq: number, buyer: Buyer | undefined, destination: string): void {
    this.#parts.record.attemptBegan(seq, buyer?.id, destination);
  }

  failed(seq: number, result: FailedAttempt): void {
    this.#parts.record.attemptFailed(seq, result);
  }

  #ownHeaders(): Record<string, string> {
    return { Contact: '<sip:bridge@localhost>', 'Max-Forwards': `${this.#parts.call.maxForwards}` };
  }

  /**
   * Reliable provisional responses where they can be carried across: to one buyer at a time, since an answer in one binds
   * the caller, and not with a delayed offer, whose answer drachtio-srf does not put into its PRACK (RFC 3262 §5).
   */
  #sessionHeaders(isAlone: boolean): Record<string, string> {
    const { caller, sessionSeconds } = this.#parts;
    const isReliable = isAlone && caller.takesReliable && this.sdp !== '';
    return {
      ...timerHeadersForBuyer(sessionSeconds),
      Supported: isReliable ? 'timer, 100rel' : 'timer',
      Allow: ALLOW,
    };
  }
}
