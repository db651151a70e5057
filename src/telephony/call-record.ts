import type { CallOutcome } from '../domain/call-outcome.ts';
import { AppError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import type { Operations } from '../operations.ts';
import type { Store } from '../store/store.ts';
import type { Admitted } from './admit-invite.ts';
import type { AnsweredAttempt, FailedAttempt } from './attempt.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export interface CallRecordDeps {
  readonly store: Store<Operations>;
  readonly now: () => number;
  readonly log: Logger;
  /** Somebody may have to be told by webhook. */
  readonly wakeDeliveries: () => void;
}

/** What every step answers: how many webhooks it put into the outbox. */
interface Written {
  readonly enqueued: number;
}

/** How a call ended, for its row. */
export interface CallEnd {
  readonly at: number;
  readonly hungUpBy: 'caller' | 'buyer' | 'system';
  readonly sipStatus: number | undefined;
  readonly q850Cause: number | undefined;
  readonly outcome: CallOutcome;
}

/**
 * Writes one call down, step after step and in order. What was once begun is written to the end: while the database is
 * unavailable the step is tried again, so that a running call neither stops nor is lost.
 */
export class CallRecord {
  readonly uuid: string;
  readonly #deps: CallRecordDeps;
  #tail: Promise<void> = Promise.resolve();

  constructor(uuid: string, deps: CallRecordDeps) {
    this.uuid = uuid;
    this.#deps = deps;
  }

  /** Resolves when the call is durable; rejects when it cannot be written: then it must not be answered. */
  async begin(call: Admitted, sipCallId: string, keyVersion: number, nodeId: string): Promise<void> {
    const { store, now } = this.#deps;
    const begun = store.beginCall({
      uuid: this.uuid,
      keyVersion,
      nodeId,
      carrierId: call.carrier.id,
      campaignId: call.campaign.id,
      publisherId: call.publisher?.id,
      dialedNumber: call.number.number,
      callerNumber: call.caller.number,
      sipCallId,
      tags: call.tags,
      callerHistoryDays: 0,
      now: now(),
    });
    this.#tail = begun.then((written) => this.#wakeIfDue(written));
    await this.#tail;
  }

  attemptBegan(seq: number, buyerId: string, destination: string): void {
    const now = this.#deps.now();
    this.#then('begin attempt', (store) => store.beginAttempt({ callUuid: this.uuid, seq, buyerId, destination, now }));
  }

  attemptFailed(seq: number, { sipStatus, reason, ringingAt }: FailedAttempt): void {
    const now = this.#deps.now();
    this.#then('end attempt', (store) =>
      store.endAttempt({ callUuid: this.uuid, seq, sipStatus, reason, ringingAt, now }),
    );
  }

  answered(seq: number, buyerId: string, destination: string, { answeredAt, ringingAt }: AnsweredAttempt): void {
    const answer = { callUuid: this.uuid, seq, buyerId, destination, ringingAt, now: answeredAt };
    this.#then('record answer', (store) => store.recordAnswer(answer));
  }

  /** Resolves when the end is written. */
  ended({ at, ...end }: CallEnd): Promise<void> {
    this.#then('end call', (store) => store.endCall({ callUuid: this.uuid, now: at, ...end }));
    return this.#tail;
  }

  #wakeIfDue({ enqueued }: Written): void {
    if (enqueued > 0) this.#deps.wakeDeliveries();
  }

  #then(step: string, write: (store: Store<Operations>) => Promise<Written>): void {
    this.#tail = this.#tail.then(
      () => this.#keepTrying(step, write),
      () => undefined, // the call was never begun: nothing to add to
    );
  }

  async #keepTrying(step: string, write: (store: Store<Operations>) => Promise<Written>): Promise<void> {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
      try {
        return this.#wakeIfDue(await write(this.#deps.store));
      } catch (err) {
        const retryable = err instanceof AppError && err.kind === 'Unavailable';
        this.#deps.log.error({ err, step }, retryable ? 'call record waits for the database' : 'call record refused');
        if (!retryable) return;
      }
      await new Promise((resolve) => setTimeout(resolve, wait).unref());
    }
  }
}
