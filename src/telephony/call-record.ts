import type { BeginTransferInput, EndTransferInput } from '../calls/record-transfer.ts';
import type { CallOutcome } from '../domain/call-outcome.ts';
import type { CallTag } from '../domain/call-tag.ts';
import { AppError } from '../domain/errors.ts';
import type { RoutingTrace } from '../domain/routing-trace.ts';
import type { Logger } from '../log.ts';
import type { Operations } from '../operations.ts';
import type { Store } from '../store/store.ts';
import type { Admitted } from './admit-invite.ts';
import type { AnsweredAttempt, FailedAttempt } from './attempt.ts';
import type { Tried } from './dialling.ts';
import type { ReserveLines } from './line-reservation.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export interface CallRecordDeps {
  readonly store: Store<Operations>;
  readonly nodeId: string;
  readonly now: () => number;
  readonly log: Logger;
  /** Somebody may have to be told by webhook. */
  readonly wakeDeliveries: () => void;
}

type Write = (store: Store<Operations>) => Promise<unknown>;

/** How a call begins, beside what was admitted. */
export interface CallBeginning {
  readonly sipCallId: string;
  readonly keyVersion: number;
  /** 0: neither looked at nor carried from. */
  readonly callerHistoryDays: number;
}

/** What routing has to know of the caller. */
export type CallerFacts = Pick<Awaited<ReturnType<Store<Operations>['beginCall']>>, 'callerHistory' | 'carriedTags'>;

/** How a call ended, for its row. */
export interface CallEnd {
  readonly at: number;
  readonly hungUpBy: 'caller' | 'buyer' | 'system';
  readonly sipStatus: number | undefined;
  readonly q850Cause: number | undefined;
  readonly outcome: CallOutcome;
  /** Nobody hung up: it ended at the latest now. */
  readonly endEstimated: boolean;
  /** Buyers with a leg that is not gone yet. */
  readonly lingeringBuyerIds: readonly string[];
}

/**
 * Writes one call down, step after step and in order. What was once begun is written to the end: while the database is
 * unavailable the step is tried again, so that a running call neither stops nor is lost.
 */
export class CallRecord {
  readonly uuid: string;
  readonly #deps: CallRecordDeps;
  #tail: Promise<void> = Promise.resolve();
  #isBegun = false;

  constructor(uuid: string, deps: CallRecordDeps) {
    this.uuid = uuid;
    this.#deps = deps;
  }

  /** Resolves when the call is durable; rejects when it cannot be written: then it must not be answered. */
  async begin(call: Admitted, { sipCallId, keyVersion, callerHistoryDays }: CallBeginning): Promise<CallerFacts> {
    const { store, now, nodeId } = this.#deps;
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
      callerHistoryDays,
      now: now(),
    });
    this.#tail = begun.then(
      (written) => {
        this.#isBegun = true;
        this.#wakeIfDue(written);
      },
      () => undefined, // the caller of begin() hears of it
    );
    return begun;
  }

  routed(trace: RoutingTrace): void {
    const now = this.#deps.now();
    this.#then('record routing', (store) => store.recordRouting({ callUuid: this.uuid, trace, now }));
  }

  /** Webhooks told this of the call. */
  learned(tags: readonly CallTag[]): void {
    if (tags.length === 0) return;
    const now = this.#deps.now();
    this.#then('add answered tags', (store) => store.addAnswerTags({ callUuid: this.uuid, tags, now }));
  }

  /**
   * Takes lines of buyers. Asked at once, not after the steps before it: the store does things in order, so that the call's
   * row is there, and the caller waits.
   */
  readonly reserve: ReserveLines = (candidates) => {
    const { store, now, nodeId } = this.#deps;
    return store.reserveBuyers({ callUuid: this.uuid, nodeId, candidates, now: now() });
  };

  /** The buyer has no leg of this call any more. */
  released(buyerId: string): void {
    this.#then('release buyer', (store) => store.releaseBuyers({ callUuid: this.uuid, buyerIds: [buyerId] }));
  }

  /** No buyer: the campaign's last resort. */
  attemptBegan(seq: number, buyerId: string | undefined, destination: string): void {
    const now = this.#deps.now();
    this.#then('begin attempt', (store) => store.beginAttempt({ callUuid: this.uuid, seq, buyerId, destination, now }));
  }

  attemptFailed(seq: number, { sipStatus, reason, ringingAt }: FailedAttempt): void {
    const now = this.#deps.now();
    this.#then('end attempt', (store) =>
      store.endAttempt({ callUuid: this.uuid, seq, sipStatus, reason, ringingAt, now }),
    );
  }

  /** The caller has been told. */
  answered({ seq, buyer, destination, result }: Tried<AnsweredAttempt>): void {
    const { answeredAt: now, ringingAt } = result;
    const answer = { callUuid: this.uuid, seq, buyerId: buyer?.id, destination, ringingAt, now };
    this.#then('record answer', (store) => store.recordAnswer(answer));
  }

  /**
   * Resolves when it is durable that this buyer answers; rejects when it cannot be written: then the caller must not be
   * answered. Asked at once, as `reserve` is: while the steps before it wait for the database, nobody is answered.
   */
  async buyerAnswered({ seq, buyer, destination, result }: Tried<AnsweredAttempt>): Promise<void> {
    const { answeredAt: now, ringingAt } = result;
    const answer = { callUuid: this.uuid, seq, buyerId: buyer?.id, destination, ringingAt, now };
    this.#wakeIfDue(await this.#deps.store.noteAnswer(answer));
  }

  transferBegan(transfer: Omit<BeginTransferInput, 'callUuid' | 'now'>): void {
    const input = { callUuid: this.uuid, ...transfer, now: this.#deps.now() };
    this.#then('begin transfer', (store) => store.beginTransfer(input));
  }

  transferEnded(transfer: Omit<EndTransferInput, 'callUuid' | 'now'>): void {
    const input = { callUuid: this.uuid, ...transfer, now: this.#deps.now() };
    this.#then('end transfer', (store) => store.endTransfer(input));
  }

  /** Resolves when the end is written. */
  ended({ at, ...end }: CallEnd): Promise<void> {
    this.#then('end call', (store) => store.endCall({ callUuid: this.uuid, now: at, ...end }));
    return this.#tail;
  }

  /** Most steps answer how many webhooks they put into the outbox. */
  #wakeIfDue(written: unknown): void {
    const { enqueued = 0 } = (written ?? {}) as { enqueued?: number };
    if (enqueued > 0) this.#deps.wakeDeliveries();
  }

  /** To a call that was never begun there is nothing to add. */
  #then(step: string, write: Write): void {
    this.#tail = this.#tail.then(() => (this.#isBegun ? this.#keepTrying(step, write) : undefined));
  }

  async #keepTrying(step: string, write: Write): Promise<void> {
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
