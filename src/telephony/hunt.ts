import type { Buyer } from '../domain/buyer.ts';
import { nextAfter } from '../domain/routing.ts';
import type { Logger } from '../log.ts';
import { Attempt, type AttemptResult } from './attempt.ts';
import type { CallRecord } from './call-record.ts';
import type { InviteRequest, SipApplication, SipResponse } from './srf.ts';

export interface HuntOptions {
  readonly sip: SipApplication;
  readonly caller: InviteRequest;
  readonly headersForBuyer: Readonly<Record<string, string>>;
  readonly record: CallRecord;
  readonly now: () => number;
  readonly log: Logger;
  readonly onProvisional: (response: SipResponse) => void;
}

/** One attempt, and whom it was for. */
export interface Tried<Result extends AttemptResult = AttemptResult> {
  /** 1-based, in the order dialled. */
  readonly seq: number;
  readonly buyerId: string;
  readonly destination: string;
  readonly result: Result;
}

/** Looks for a buyer who takes the call: one attempt after the other until one answers (semantics §6). */
export class Hunt {
  readonly #options: HuntOptions;
  #attempt: Attempt | undefined;
  #seq = 0;
  #stopped = false;

  constructor(options: HuntOptions) {
    this.#options = options;
  }

  /** The attempt that answered, else the last one; undefined when nobody was tried. */
  async run(buyers: readonly Buyer[]): Promise<Tried | undefined> {
    let last: Tried | undefined;
    for (const buyer of buyers) {
      for (const destination of sipUris(buyer)) {
        if (this.#stopped) return last;
        last = await this.#try(buyer, destination);
        if (last.result.kind === 'answered') return last;
        if (!triesNextDestination(last.result)) break;
      }
    }
    return last;
  }

  /** Cancels the running attempt and starts no other. */
  stop(): void {
    this.#stopped = true;
    this.#attempt?.cancel();
  }

  async #try(buyer: Buyer, destination: string): Promise<Tried> {
    const { sip, caller, headersForBuyer, record, now, log, onProvisional } = this.#options;
    this.#seq += 1;
    const seq = this.#seq;
    record.attemptBegan(seq, buyer.id, destination);
    this.#attempt = new Attempt(sip, caller, {
      uri: destination,
      headers: { ...headersForBuyer },
      ringTimeoutMs: buyer.ringTimeoutSeconds * 1000,
      now,
      onProvisional,
    });
    const result = await this.#attempt.result;
    if (result.kind === 'failed') {
      record.attemptFailed(seq, result);
      log.info({ leg: 'b', buyerId: buyer.id, sipStatus: result.sipStatus, reason: result.reason }, 'leg refused');
    }
    return { seq, buyerId: buyer.id, destination, result };
  }
}

/** Numbers behind gateways are not dialled yet. */
function sipUris({ destinations }: Buyer): string[] {
  return destinations.flatMap((destination) => (destination.kind === 'sip' ? [destination.uri] : []));
}

/** A person's answer, and our own ring timeout, end the buyer's turn; trouble on the way does not (semantics §6). */
function triesNextDestination(result: AttemptResult): boolean {
  if (result.kind === 'answered' || result.cause === 'ring_timeout' || result.cause === 'cancelled') return false;
  return nextAfter(result.cause === 'not_sent' ? undefined : result.sipStatus) === 'next_destination';
}
