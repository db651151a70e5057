import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { answerTags, type DataQuestion, type DataTrigger } from '../domain/answer-tags.ts';
import { AppError } from '../domain/errors.ts';
import type { TracedAnswer } from '../domain/routing-trace.ts';
import { nextStep } from '../domain/webhook-retry.ts';
import type { Operation, Store } from '../store/store.ts';
import type { ClaimedDelivery } from './claimed-delivery.ts';
import type { TryListener } from './delivery-worker.ts';
import { MOST_ANSWER_BYTES, type Sender, type SendResult } from './http-sender.ts';
import { type OutgoingRequest, prepareRequest, type RequestSecrets } from './prepare-request.ts';
import type { recordTry } from './record-try.ts';

/** As the store takes it: with who sends the requests, and how long nobody else may. */
export interface DataRequestInput extends DataQuestion {
  readonly owner: string;
  readonly leaseMs: number;
  readonly now: number;
}

export interface DataRequestsOptions {
  readonly store: Store<{
    requestData: Operation<DataRequestInput, ClaimedDelivery[]>;
    recordTry: typeof recordTry;
  }>;
  readonly sender: Sender;
  readonly secrets: RequestSecrets;
  readonly log: Logger;
  readonly clock: { now(): number };
  /** Unique among all who send, and new at each start. */
  readonly owner: string;
  readonly onTried?: TryListener | undefined;
}

/** Beyond it the worker may send what nobody wrote down. */
const LEASE_MS = 60_000;
/** Calls that wait at the same time: a slow endpoint is not to eat up all sockets. */
const MOST_UNDER_WAY = 500;
/** Kept of an answer, as of any other webhook's. */
const KEPT_CHARACTERS = 1024;

/** Asks webhooks while a call waits: one try each, within its time, its answer turned into tags (semantics §8, answers as data). */
export class DataRequests {
  readonly #options: DataRequestsOptions;
  #underWay = 0;

  constructor(options: DataRequestsOptions) {
    this.#options = options;
  }

  /** Rejects when the database does not even take the question within `withinMs`. */
  async ask(question: DataQuestion, withinMs: number): Promise<TracedAnswer[]> {
    const { store, clock, owner } = this.#options;
    const startedAt = performance.now();
    const asked = store.requestData({ ...question, owner, leaseMs: LEASE_MS, now: clock.now() });
    const claimed = await withinTime(asked, withinMs);
    return Promise.all(claimed.map((delivery) => this.#answer(delivery, withinMs - (performance.now() - startedAt))));
  }

  async #answer(delivery: ClaimedDelivery, leftMs: number): Promise<TracedAnswer> {
    const { webhook } = delivery;
    const trigger = delivery.trigger as DataTrigger;
    const withinMs = Math.max(1, Math.round(Math.min(webhook.answer?.withinMs ?? 0, leftMs)));
    const at = this.#options.clock.now();
    const { result, secretText } = await this.#send(delivery, withinMs, at);
    void this.#record(delivery, { result, secretText, at });
    const seen = { webhookId: webhook.id, trigger, elapsedMs: Math.round(result.elapsedMs) };
    const problem = problemOf(result, webhook.answer?.withinMs ?? 0);
    if (problem !== undefined || webhook.answer === undefined) return { ...seen, tags: [], problem };
    return { ...seen, ...answerTags(webhook.answer, result.answer ?? '') };
  }

  async #send(
    delivery: ClaimedDelivery,
    withinMs: number,
    now: number,
  ): Promise<{ result: SendResult; secretText: string | undefined }> {
    if (this.#underWay >= MOST_UNDER_WAY) {
      return notSent(`${MOST_UNDER_WAY} calls wait for data already`);
    }
    let request: OutgoingRequest;
    try {
      request = prepareRequest(delivery, this.#options.secrets, now);
    } catch (error) {
      return notSent((error as Error).message);
    }
    this.#underWay += 1;
    try {
      const result = await this.#options.sender.send(request, { withinMs, keptBytes: MOST_ANSWER_BYTES });
      return { result, secretText: request.secretText };
    } finally {
      this.#underWay -= 1;
    }
  }

  /** The call does not wait for this, and what nobody wrote down the delivery worker sends once more. */
  async #record(
    delivery: ClaimedDelivery,
    { result, secretText, at }: { result: SendResult; secretText: string | undefined; at: number },
  ): Promise<void> {
    const { store, clock, owner, log } = this.#options;
    const now = clock.now();
    const step = nextStep({ trigger: delivery.trigger, tries: delivery.tries + 1, result, now, random: () => 0 });
    const next = step.state === 'due' ? ({ state: 'dead', gone: false } as const) : step;
    const { elapsedMs, httpStatus, error } = result;
    const answer = withoutKey(result.answer, secretText)?.slice(0, KEPT_CHARACTERS).toWellFormed();
    try {
      const tried = { deliveryId: delivery.id, owner, at, elapsedMs, httpStatus, error, answer, next, now };
      const { switchedOff } = await store.recordTry(tried);
      this.#options.onTried?.(delivery.trigger, next.state, elapsedMs);
      if (switchedOff === undefined) return;
      const fields = { webhookId: delivery.webhook.id, reason: switchedOff };
      log.error(fields, 'webhook switched off: look at its endpoint, then switch it on');
    } catch (err) {
      log.error(
        { err, webhookId: delivery.webhook.id, callId: delivery.callUuid },
        'webhook try cannot be written down',
      );
    }
  }
}

function notSent(reason: string): { result: SendResult; secretText: undefined } {
  return { result: { elapsedMs: 0, error: `not_sent: ${reason}`, hopeless: true }, secretText: undefined };
}

function problemOf({ error, httpStatus }: SendResult, withinMs: number): string | undefined {
  if (error?.startsWith('timeout')) return `no answer within ${withinMs} ms`;
  if (error !== undefined) return error;
  return httpStatus !== undefined && httpStatus >= 200 && httpStatus <= 299 ? undefined : `answered ${httpStatus}`;
}

function withoutKey(text: string | undefined, secretText: string | undefined): string | undefined {
  return secretText === undefined ? text : text?.replaceAll(secretText, '[call_key]');
}

async function withinTime<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  const patience = new AbortController();
  const late = sleep(ms, undefined, { signal: patience.signal, ref: false }).then(() => {
    throw new AppError('store_unavailable', 'the database did not answer in time');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    patience.abort();
  }
}
