import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { nextStep } from '../domain/webhook-retry.ts';
import { originOf } from '../domain/webhook-template.ts';
import type { Store } from '../store/store.ts';
import type { claimDeliveries } from './claim-deliveries.ts';
import type { ClaimedDelivery } from './claimed-delivery.ts';
import { DeliverySlots, type SlotLimits } from './delivery-slots.ts';
import { type Sender, type SendResult, TOTAL_TIMEOUT_MS } from './http-sender.ts';
import type { nextDueDelivery } from './next-due.ts';
import { type OutgoingRequest, prepareRequest, type RequestSecrets } from './prepare-request.ts';
import type { recordTry } from './record-try.ts';
import { Sleeper } from './sleeper.ts';

export interface DeliveryWorkerOptions {
  readonly store: Store<{
    claimDeliveries: typeof claimDeliveries;
    recordTry: typeof recordTry;
    nextDueDelivery: typeof nextDueDelivery;
  }>;
  readonly sender: Sender;
  readonly secrets: RequestSecrets;
  readonly log: Logger;
  readonly clock: { now(): number };
  /** In [0, 1). */
  readonly random: () => number;
  /** Unique among all workers at the same database, and new at each start. */
  readonly owner: string;
  readonly limits?: SlotLimits;
  /** Told of each try that is written down. */
  readonly onTried?: TryListener | undefined;
}

/** Trigger, what became of the delivery, how long the endpoint took. */
export type TryListener = (trigger: string, state: 'delivered' | 'due' | 'dead', elapsedMs: number) => void;

const DEFAULT_LIMITS: SlotLimits = { total: 64, perOrigin: 8 };
/** Time to wait for a slot of the endpoint and then to send; later, the delivery is somebody else's. */
const LEASE_MS = 2 * TOTAL_TIMEOUT_MS;
/** Another node may have enqueued, or died: look again after this long at the latest. */
const LONGEST_SLEEP_MS = 15_000;
const STORE_PAUSE_MS = 1_000;
const SHORTEST_SLEEP_MS = 5;
/** A call whose webhooks are due is often not answered yet: sending at once takes the processor from it. */
const GATHERING_MS = 20;

/** Sends what is due: claims by lease, sends, writes the try down. All that matters is in the rows (semantics §8). */
export class DeliveryWorker {
  readonly #options: DeliveryWorkerOptions;
  readonly #limits: SlotLimits;
  readonly #slots: DeliverySlots;
  readonly #sleeper = new Sleeper();
  readonly #underWay = new Set<Promise<void>>();
  /** Endpoint of each webhook seen, to leave out busy ones when claiming. */
  readonly #origins = new Map<string, string>();
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#slots = new DeliverySlots(this.#limits);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Something was enqueued. */
  wake(): void {
    this.#sleeper.wake();
  }

  /** Claims nothing more; resolves when the requests under way are written down. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#sleeper.wake();
    await this.#loop;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        const { free } = this.#slots;
        const busyWebhooks = this.#busyWebhooks();
        const claimed = await this.#claim(free, busyWebhooks);
        for (const delivery of claimed) this.#track(this.#deliver(delivery));
        if (claimed.length === 0) await this.#rest(free === 0 || busyWebhooks.length > 0);
      } catch (err) {
        this.#options.log.error({ err }, 'webhook deliveries cannot be claimed');
        await this.#sleeper.sleep(STORE_PAUSE_MS);
      }
    }
  }

  /** Until something is due. What comes first brings others: they are claimed together, unless slots were waited for. */
  async #rest(wereSlotsTaken: boolean): Promise<void> {
    await this.#sleeper.sleep(await this.#timeToNext());
    if (!wereSlotsTaken && !this.#stopping) await sleep(GATHERING_MS);
  }

  async #claim(limit: number, busyWebhooks: readonly string[]): Promise<ClaimedDelivery[]> {
    if (limit === 0) return [];
    const { store, clock, owner } = this.#options;
    const perWebhook = this.#limits.perOrigin;
    return store.claimDeliveries({ now: clock.now(), limit, leaseMs: LEASE_MS, owner, busyWebhooks, perWebhook });
  }

  #busyWebhooks(): string[] {
    return [...this.#origins].filter(([, origin]) => this.#slots.isBusy(origin)).map(([id]) => id);
  }

  /** While all slots are taken the next one that gets free wakes us. */
  async #timeToNext(): Promise<number> {
    const { dueAt } = await this.#options.store.nextDueDelivery({});
    if (dueAt === null) return LONGEST_SLEEP_MS;
    const wait = dueAt - this.#options.clock.now();
    if (wait <= 0 && this.#underWay.size > 0) return STORE_PAUSE_MS;
    return Math.min(Math.max(wait, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => {
      this.#underWay.delete(work);
      this.#sleeper.wake();
    });
  }

  /** The endpoint's slot is free again when it has answered: writing that down is no work of its. */
  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    const origin = originOf(delivery.webhook.url).toLowerCase();
    this.#origins.set(delivery.webhook.id, origin);
    await this.#slots.acquire(origin);
    const tried = await this.#try(delivery).finally(() => this.#slots.release(origin));
    if (tried === undefined) return;
    try {
      await this.#record(delivery, tried);
    } catch (err) {
      this.#options.log.error({ err, ...fields(delivery) }, 'webhook try cannot be written down');
    }
  }

  /** Undefined where it is somebody else's by now. */
  async #try(delivery: ClaimedDelivery): Promise<Tried | undefined> {
    const at = this.#options.clock.now();
    if (this.#stopping || delivery.leaseEndsAt - at < TOTAL_TIMEOUT_MS) return undefined;
    return { at, ...(await this.#send(delivery, at)) };
  }

  async #record(delivery: ClaimedDelivery, { at, result, secretText }: Tried): Promise<void> {
    const { clock, owner, random, store, log } = this.#options;
    const now = clock.now();
    const next = nextStep({ trigger: delivery.trigger, tries: delivery.tries + 1, result, now, random });
    const { elapsedMs, httpStatus } = result;
    const error = masked(result.error, secretText);
    const answer = masked(result.answer, secretText);
    const tried = { deliveryId: delivery.id, owner, at, elapsedMs, httpStatus, error, answer, next, now };
    const { switchedOff } = await store.recordTry(tried);
    this.#options.onTried?.(delivery.trigger, next.state, elapsedMs);
    if (switchedOff !== undefined) {
      log.error(
        { webhookId: delivery.webhook.id, reason: switchedOff },
        'webhook switched off: look at its endpoint, then switch it on',
      );
    }
    const outcome = { ...fields(delivery), elapsedMs: Math.round(elapsedMs), httpStatus, reason: error };
    if (next.state === 'dead') log.warn({ ...outcome, gone: next.gone }, 'webhook given up');
    else log.debug(outcome, next.state === 'delivered' ? 'webhook delivered' : 'webhook to be retried');
  }

  /** What cannot even be built (a key whose secret is gone, a URL that is none) will not get better. */
  async #send(delivery: ClaimedDelivery, now: number): Promise<Omit<Tried, 'at'>> {
    let request: OutgoingRequest;
    try {
      request = prepareRequest(delivery, this.#options.secrets, now);
    } catch (error) {
      return { result: { elapsedMs: 0, error: `not_sent: ${(error as Error).message}`, hopeless: true } };
    }
    return { result: await this.#options.sender.send(request), secretText: request.secretText };
  }
}

interface Tried {
  readonly at: number;
  readonly result: SendResult;
  readonly secretText?: string | undefined;
}

function fields({ id, callUuid, trigger, tries, webhook }: ClaimedDelivery) {
  return { deliveryId: id, callId: callUuid, trigger, webhookId: webhook.id, tries: tries + 1 };
}

/** An endpoint may echo the call key; it is not to be stored (semantics §2). */
function masked(text: string | undefined, secretText: string | undefined): string | undefined {
  return text === undefined || secretText === undefined ? text : text.replaceAll(secretText, '[call_key]');
}
