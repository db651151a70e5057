import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { CallKeys } from '../../src/domain/call-key.ts';
import { createLog } from '../../src/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { DeliveryWorker } from '../../src/webhooks/delivery-worker.ts';
import { HttpSender } from '../../src/webhooks/http-sender.ts';
import { anEvent, aWebhook } from '../../test/webhooks/outbox.ts';
import type { operations } from '../../test/webhooks/outbox-operations.ts';
import { type Percentiles, percentiles } from '../percentiles.ts';

/** The outbox and its worker as the service has them: store in a thread, the worker beside telephony. Asked by messages. */
export type OutboxQuestion =
  /** As many as are delivered, a few hundred waiting all the time. */
  | { readonly kind: 'flood'; readonly ports: readonly number[]; readonly count: number }
  | { readonly kind: 'pace'; readonly ports: readonly number[]; readonly perSecond: number; readonly seconds: number };

export interface OutboxAnswer {
  readonly deliveries: number;
  readonly seconds: number;
  /** From commit to stored result, ms. */
  readonly latency: Percentiles;
  readonly residentMb: number;
}

const [, , file = ''] = process.argv;
const secret = 'a secret of the bench';
const MOST_WAITING = 500;
const PER_COMMIT = 20;
const TICK_MS = 10;

const database = await openSqliteStore<typeof operations>({
  file,
  operations: new URL('../../test/webhooks/outbox-operations.ts', import.meta.url),
});
const store = database.operations;
const committedAt = new Map<string, number>();
const latencies: number[] = [];
const worker = new DeliveryWorker({
  store: {
    ...store,
    claimDeliveries: (input) => store.claimDeliveries(input),
    nextDueDelivery: (input) => store.nextDueDelivery(input),
    recordTry: async (input) => {
      const recorded = await store.recordTry(input);
      const at = committedAt.get(input.deliveryId);
      if (at !== undefined) latencies.push(performance.now() - at);
      committedAt.delete(input.deliveryId);
      return recorded;
    },
  },
  sender: new HttpSender({ allowedNetworks: ['127.0.0.1/32'] }),
  secrets: { callKeys: new CallKeys([{ version: 1, secret }]), signingSecret: secret },
  log: createLog('silent'),
  clock: Date,
  random: Math.random,
  owner: 'bench',
});
worker.start();

let events = 0;

/** One event of a call, and with it one delivery. */
async function enqueue(port: number): Promise<void> {
  events += 1;
  const eventId = `${process.pid}-${events}`;
  const webhook = aWebhook({ id: `w${port}`, url: `http://127.0.0.1:${port}/hook` });
  const now = Date.now();
  await store.enqueueWebhooks(anEvent([webhook], { eventId, eventAt: now, now }));
  committedAt.set(`${eventId}.${webhook.id}`, performance.now());
  worker.wake();
}

const portFor = (ports: readonly number[], n: number) => ports[n % ports.length] ?? 0;

async function flood(ports: readonly number[], count: number): Promise<void> {
  for (let n = 0; n < count; n += PER_COMMIT) {
    while (committedAt.size > MOST_WAITING) await turn();
    await Promise.all(Array.from({ length: PER_COMMIT }, (_, k) => enqueue(portFor(ports, n + k))));
  }
}

async function pace(ports: readonly number[], perSecond: number, seconds: number): Promise<void> {
  const startedAt = performance.now();
  const count = perSecond * seconds;
  for (let n = 0; n < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
    for (; n < due; n += 1) void enqueue(portFor(ports, n));
    await sleep(TICK_MS);
  }
}

async function answer(question: OutboxQuestion): Promise<OutboxAnswer> {
  latencies.length = 0;
  const startedAt = performance.now();
  if (question.kind === 'flood') await flood(question.ports, question.count);
  else await pace(question.ports, question.perSecond, question.seconds);
  while (committedAt.size > 0) await sleep(1);
  const seconds = (performance.now() - startedAt) / 1_000;
  const residentMb = process.memoryUsage().rss / 2 ** 20;
  return { deliveries: latencies.length, seconds, latency: percentiles(latencies), residentMb };
}

process.on('message', (question: OutboxQuestion) => void answer(question).then((it) => process.send?.(it)));
process.once('disconnect', () => process.exit());
process.send?.({ ready: true });
