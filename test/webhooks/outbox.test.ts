import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TagMatch } from '../../src/domain/tag-match.ts';
import type { RecordTryInput } from '../../src/webhooks/record-try.ts';
import { aBuyer } from '../support/account-builders.ts';
import { aCall, anEvent, aTag, aWebhook, NOW, openOutbox } from './outbox.ts';

let outbox: Awaited<ReturnType<typeof openOutbox>>;
beforeEach(async () => {
  outbox = await openOutbox();
});
afterEach(() => outbox.close());

const LEASE_MS = 30_000;
const is = (name: string, value: string): TagMatch => ({ name, operator: '==', value });
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

function claim(
  changes: { now?: number; limit?: number; owner?: string; busyWebhooks?: string[]; perWebhook?: number } = {},
) {
  return outbox.store.claimDeliveries({ now: NOW, limit: 10, leaseMs: LEASE_MS, owner: 'node-1', ...changes });
}

function record(next: RecordTryInput['next'], changes: Partial<RecordTryInput> = {}) {
  const input = { deliveryId: 'e1.w1', owner: 'node-1', at: NOW, elapsedMs: 12.6, next, now: NOW + 100, ...changes };
  return outbox.store.recordTry(input);
}

async function enqueue(count: number, webhookId: string, dueAt = NOW) {
  for (let index = 0; index < count; index += 1) {
    const eventId = `${webhookId}-${String(index).padStart(3, '0')}`;
    await outbox.store.enqueueWebhooks(anEvent([aWebhook({ id: webhookId })], { eventId, now: dueAt + index }));
  }
}

describe('the start after a crash', () => {
  test('what a dead worker had claimed is due at once; what waits for its next try goes on waiting', async () => {
    await enqueue(2, 'w1');
    const [first] = await claim({ now: NOW + 10, limit: 1 });
    const [second] = await claim({ now: NOW + 10, limit: 1 });
    const dueAt = NOW + 300_000;
    await record({ state: 'due', dueAt }, { deliveryId: second?.id ?? '' });
    expect(await outbox.store.freeLeases({ now: NOW + 1_000 })).toEqual({ freed: 1 });
    expect(ids(await claim({ now: NOW + 1_000, owner: 'node-1-again' }))).toEqual([first?.id]);
    expect(await outbox.store.nextDueDelivery({})).toEqual({ dueAt: NOW + 1_000 + LEASE_MS });
  });
});

describe('enqueue (semantics §8)', () => {
  test('one row per webhook of the trigger whose matches fit', async () => {
    const webhooks = [
      aWebhook({ id: 'all' }),
      aWebhook({ id: 'other-trigger', trigger: 'ended' }),
      aWebhook({ id: 'acme', matches: [is('system_buyer_id', 'acme')] }),
      aWebhook({ id: 'bestco', matches: [is('system_buyer_id', 'bestco')] }),
      aWebhook({ id: 'west', matches: [is('state', 'CA')] }),
    ];
    expect(await outbox.store.enqueueWebhooks(anEvent(webhooks, { tags: [aTag('state', 'CA')] }))).toBe(3);
    expect(ids(await outbox.store.readDeliveries({}))).toEqual(['e1.acme', 'e1.all', 'e1.west']);
  });

  test('nobody listens: no row', async () => {
    expect(await outbox.store.enqueueWebhooks(anEvent([]))).toBe(0);
  });

  test('bridged is an older name of answered', async () => {
    const bridged = { ...aWebhook(), trigger: 'bridged' as never };
    expect(await outbox.store.enqueueWebhooks(anEvent([bridged], { trigger: 'answered' }))).toBe(1);
  });

  test('the same event cannot be put in twice for one webhook', async () => {
    await outbox.store.enqueueWebhooks(anEvent([aWebhook()]));
    await expect(outbox.store.enqueueWebhooks(anEvent([aWebhook()]))).rejects.toThrow();
    expect(await outbox.store.readDeliveries({})).toHaveLength(1);
  });

  test('the buyer of the event goes before the one of the call', async () => {
    const buyer = aBuyer('bestco', { name: 'Bestco' });
    const webhook = aWebhook({ trigger: 'selected', matches: [is('system_buyer_id', 'bestco')] });
    await outbox.store.enqueueWebhooks(anEvent([webhook], { trigger: 'selected', buyer }));
    const [claimed] = await claim();
    expect(claimed?.tokens.values).toMatchObject({ buyer_id: 'bestco', buyer_name: 'Bestco' });
  });

  test('token values are those of the moment, without the key', async () => {
    const publisher = { id: 'radio', name: 'Radio Rancho', tags: {} };
    const tags = [aTag('color', 'red'), aTag('color', 'blue'), aTag('call_key', 'posing')];
    await outbox.store.enqueueWebhooks(anEvent([aWebhook()], { tags, publisher }));
    const [claimed] = await claim();
    expect(claimed).toMatchObject({ id: 'e1.w1', eventId: 'e1', trigger: 'converted', keyVersion: 1, tries: 0 });
    expect(claimed?.webhook).toEqual({ ...aWebhook(), body: undefined });
    expect(claimed?.tokens).toMatchObject({ currency: 'USD', tags: { color: ['red', 'blue'] } });
    expect(claimed?.tokens.values).toEqual({
      event_id: 'e1',
      event_time: '2026-03-01T12:00:00.000Z',
      repeat: 'false',
      event_time_unix: '1772366400',
      call_uuid: aCall().uuid,
      caller_number: '+14155551234',
      dialed_number: '+18005550100',
      campaign_id: 'cars',
      campaign_name: 'Car insurance',
      publisher_id: 'radio',
      publisher_name: 'Radio Rancho',
      buyer_id: 'acme',
      buyer_name: '',
      system_buyer_id: 'acme',
      system_publisher_id: 'radio',
      system_campaign_id: 'cars',
      start_time: '2026-03-01T11:58:20.000Z',
      start_time_unix: '1772366300',
      answer_time: '2026-03-01T11:58:29.500Z',
      answer_time_unix: '1772366309',
      end_time: '2026-03-01T11:59:50.000Z',
      end_time_unix: '1772366390',
      ring_seconds: '8',
      connected_seconds: '80',
      total_seconds: '90',
      hung_up_by: 'caller',
      sip_status: '200',
      status: 'converted',
      converted: 'true',
      revenue: '10.00',
      payout: '8.00',
      postback_value: '10.00',
      duplicate: 'false',
      late: 'false',
      conversion_group: 'Sales',
    });
  });
});

describe('claiming', () => {
  test('a delivery has one owner until its lease ends', async () => {
    await enqueue(1, 'w1');
    expect(await claim()).toHaveLength(1);
    expect(await claim({ owner: 'node-2' })).toEqual([]);
    expect(await claim({ owner: 'node-2', now: NOW + LEASE_MS - 1 })).toEqual([]);
    expect(await claim({ owner: 'node-2', now: NOW + LEASE_MS })).toHaveLength(1);
  });

  test('two that claim at once share the deliveries without overlap', async () => {
    await enqueue(20, 'w1');
    const taken = await Promise.all([1, 2, 3, 4].map((n) => claim({ owner: `node-${n}`, now: NOW + 50, limit: 5 })));
    expect(new Set(ids(taken.flat())).size).toBe(20);
  });

  test('what is not due yet is left', async () => {
    await enqueue(1, 'w1', NOW + 1);
    expect(await claim()).toEqual([]);
    expect(await outbox.store.nextDueDelivery({})).toEqual({ dueAt: NOW + 1 });
  });

  test('oldest first, and a backlog of one webhook holds up no other', async () => {
    await enqueue(30, 'backlog', NOW - 1_000);
    await enqueue(2, 'fresh', NOW - 10);
    const claimed = await claim({ limit: 10 });
    expect(claimed.filter(({ webhook }) => webhook.id === 'fresh')).toHaveLength(2);
    expect(ids(claimed.filter(({ webhook }) => webhook.id === 'backlog'))).toEqual(
      [0, 1, 2, 3, 4].map((n) => `backlog-00${n}.backlog`),
    );
  });

  test('busy webhooks are left out', async () => {
    await enqueue(3, 'busy');
    await enqueue(1, 'free');
    expect(ids(await claim({ now: NOW + 5, busyWebhooks: ['busy'] }))).toEqual(['free-000.free']);
  });

  test('nothing waits: no due time', async () => {
    expect(await outbox.store.nextDueDelivery({})).toEqual({ dueAt: null });
    expect(await claim()).toEqual([]);
  });
});

describe('recording tries', () => {
  beforeEach(async () => {
    await outbox.store.enqueueWebhooks(anEvent([aWebhook()]));
    await claim();
  });

  test('delivered', async () => {
    expect(await record({ state: 'delivered' }, { httpStatus: 200, answer: 'thanks' })).toEqual({ counted: true });
    expect(await outbox.store.readDeliveries({})).toMatchObject([
      { state: 'delivered', tries: 1, finished_at: NOW + 100, lease_owner: null },
    ]);
    expect(await outbox.store.readTries({})).toEqual([
      { delivery_id: 'e1.w1', try_number: 1, at: NOW, elapsed_ms: 13, http_status: 200, error: null, answer: 'thanks' },
    ]);
    expect(await claim({ now: NOW + LEASE_MS })).toEqual([]);
  });

  test('to be tried again', async () => {
    await record({ state: 'due', dueAt: NOW + 5_000 }, { error: 'ECONNREFUSED' });
    expect(await claim({ now: NOW + 4_999 })).toEqual([]);
    expect(await claim({ now: NOW + 5_000 })).toMatchObject([{ id: 'e1.w1', tries: 1 }]);
  });

  test('gone: whatever waits for the webhook is dead too, other webhooks are not', async () => {
    await enqueue(2, 'w1');
    await enqueue(1, 'w2');
    await record({ state: 'dead', gone: true }, { httpStatus: 410 });
    const rows = await outbox.store.readDeliveries({});
    expect(rows.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'e1.w1 dead',
      'w1-000.w1 dead',
      'w1-001.w1 dead',
      'w2-000.w2 due',
    ]);
  });

  test('without the lease a failure is kept but changes nothing', async () => {
    expect(await claim({ owner: 'node-2', now: NOW + LEASE_MS })).toHaveLength(1);
    expect(await record({ state: 'dead' }, { error: 'timeout' })).toEqual({ counted: false });
    expect(await outbox.store.readDeliveries({})).toMatchObject([{ state: 'due', lease_owner: 'node-2', tries: 1 }]);
    expect(await outbox.store.readTries({})).toHaveLength(1);
  });

  test('without the lease a success still counts', async () => {
    await claim({ owner: 'node-2', now: NOW + LEASE_MS });
    expect(await record({ state: 'delivered' }, { httpStatus: 200 })).toEqual({ counted: true });
  });

  test('a finished delivery can be replayed under the same event id', async () => {
    await record({ state: 'dead' }, { error: 'timeout' });
    expect(await outbox.store.replayDelivery({ deliveryId: 'e1.w1', now: NOW + 200 })).toEqual({ replayed: true });
    expect(await outbox.store.replayDelivery({ deliveryId: 'e1.w1', now: NOW + 200 })).toEqual({ replayed: false });
    expect(await claim({ now: NOW + 200 })).toMatchObject([{ eventId: 'e1', tries: 1 }]);
  });
});
