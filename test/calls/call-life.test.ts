import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUuid } from '../../src/domain/ids.ts';
import { AcceptanceCall, acceptanceAccount, DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';

const BUSY = { result: 'busy', fault: 'buyer', reason: 'busy' } as const;

for (const kind of databases) {
  describe(`life of a call on ${kind.name} (semantics §1, §8)`, () => {
    let database: TestDatabase;
    let store: CallStore;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
      await store.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
    });
    afterAll(() => database.remove());

    it('writes times, attempts, tags and events of an answered call', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      const { call: row, attempts, tags, events } = await call.record();
      const started = T0 - 65 * SECOND;
      expect(row).toMatchObject({
        started_at: started,
        first_invited_at: started + SECOND,
        answered_at: T0 - 60 * SECOND,
        ended_at: T0,
        end_estimated: 0,
        buyer_id: 'A',
        destination: 'sip:A@buyer.example',
        hung_up_by: 'buyer',
        sip_status: 200,
        outcome: 'completed',
        state: 'pending',
        window_ends_at: T0 + 600 * SECOND,
        group_id: 'group-1',
      });
      expect(attempts).toMatchObject([{ seq: 1, sip_status: 200, answered_at: T0 - 60 * SECOND, ended_at: T0 }]);
      expect(tags.map(({ name, value, source }) => `${source} ${name}:${value}`).sort()).toEqual([
        'publisher channel:radio',
        'system endpoint:sip:A@buyer.example',
        'system system_buyer_id:A',
        'system system_campaign_id:auto',
        'system system_publisher_id:radio',
      ]);
      expect(events.map(({ type }) => type)).toEqual(['start', 'selected', 'answered', 'ended']);
    });

    it('a row that says it runs though nobody holds the call is ended; live and young ones are not', async () => {
      const plan = { buyer: 'A', endsAt: T0 } as const;
      const [forgotten, live] = [new AcceptanceCall(store, plan), new AcceptanceCall(store, plan)];
      const young = new AcceptanceCall(store, { ...plan, endsAt: T0 + 60 * SECOND });
      for (const call of [forgotten, live, young]) await call.connect();
      const check = { nodeId: 'node-1', liveUuids: [live.uuid], startedBefore: T0 - 60 * SECOND, now: T0 };
      expect(await store.endForgottenCalls(check)).toMatchObject({ ended: 1 });
      expect(await store.endForgottenCalls(check)).toMatchObject({ ended: 0 });
      expect((await forgotten.record()).call).toMatchObject({
        ...{ state: 'pending', end_estimated: 1, ended_at: T0, hung_up_by: 'system', outcome_reason: 'error' },
      });
      for (const call of [live, young]) expect((await call.record()).call.ended_at).toBeNull();
      for (const call of [live, young]) await call.end();
    });

    it('fires in-call webhooks at once: failed attempt, next buyer, nobody', async () => {
      const call = new AcceptanceCall(store, { buyer: 'A' });
      await call.begin();
      for (const [seq, buyer] of [
        [1, 'A'],
        [2, 'B'],
      ] as const) {
        await call.dial(seq, buyer);
        await store.endAttempt({ callUuid: call.uuid, seq, sipStatus: 486, reason: 'Busy Here', now: T0 - SECOND });
      }
      await store.endCall({ callUuid: call.uuid, hungUpBy: 'system', sipStatus: 486, outcome: BUSY, now: T0 });
      const { deliveries, attempts, events } = await call.record();
      expect(events.map(({ type }) => type)).toEqual([
        'start',
        'selected',
        'selected',
        'attempt_failed',
        'attempt_failed',
        'no_buyer',
        'ended',
        'not_converted',
      ]);
      expect(attempts.map(({ buyer_id, sip_status }) => [buyer_id, sip_status])).toEqual([
        ['A', 486],
        ['B', 486],
      ]);
      const selected = deliveries.filter(({ trigger }) => trigger === 'selected');
      expect(selected.map(({ tokens_json }) => JSON.parse(tokens_json).values.buyer_id).sort()).toEqual(['A', 'B']);
    });

    it('no step counts twice', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      const before = await call.record();
      const ids = { callUuid: call.uuid, seq: 1, now: T0 + SECOND };
      await call.connect();
      await store.endAttempt({ ...ids, sipStatus: 500, reason: 'x' });
      const outcome = { result: 'failed', fault: 'us', reason: 'error' } as const;
      expect(await store.endCall({ ...ids, hungUpBy: 'system', outcome })).toEqual({ state: 'pending', enqueued: 0 });
      expect(await call.record()).toEqual(before);
    });

    it('an answer that crosses the end of the call changes nothing (semantics §7)', async () => {
      const call = new AcceptanceCall(store, { buyer: 'A' });
      await call.begin();
      await call.dial();
      const outcome = { result: 'abandoned', fault: 'caller', reason: 'caller_canceled' } as const;
      await store.endCall({ callUuid: call.uuid, hungUpBy: 'caller', outcome, now: T0 - 61 * SECOND });
      await call.answer();
      expect((await call.record()).call).toMatchObject({ answered_at: null, buyer_id: null, state: 'not_converted' });
    });

    it('held webhooks carry the call as it is at the decision', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      await call.addTags('quality=high', T0 + SECOND);
      await call.post('revenue=10', T0 + 2 * SECOND);
      const { deliveries } = await call.record();
      const ended = JSON.parse(deliveries.find(({ trigger }) => trigger === 'ended')?.tokens_json ?? '{}');
      expect(ended.values).toMatchObject({ status: 'converted', revenue: '10.00', payout: '8.00', converted: 'true' });
      expect(ended.tags.quality).toEqual(['high']);
    });

    it('an unknown campaign is refused before anything is written', async () => {
      const uuid = newUuid(T0);
      const ids = { uuid, keyVersion: 1, nodeId: 'n', carrierId: 'c', campaignId: 'none', dialedNumber: '+1' };
      await expect(
        store.beginCall({ ...ids, sipCallId: 'x', tags: [], callerHistoryDays: 0, now: T0 }),
      ).rejects.toMatchObject({
        code: 'campaign_unknown',
      });
      expect(await store.getCall({ uuid })).toBeUndefined();
    });

    it('lists calls newest first, page by page', async () => {
      const [first, second, third] = [5, 6, 7].map((day) => ({ buyer: 'A', endsAt: T0 + day * DAY }));
      const calls = [
        await endedCall(store, first!),
        await endedCall(store, second!),
        await endedCall(store, third!),
      ].map(({ uuid }) => uuid);
      const filter = { columns: {} };
      const page = await store.searchCalls({ filter, limit: 2 });
      expect(page.calls.map(({ uuid }) => uuid)).toEqual([calls[2], calls[1]]);
      const next = await store.searchCalls({ filter, limit: 1, before: page.next });
      expect(next.calls.map(({ uuid }) => uuid)).toEqual([calls[0]]);
    });

    it('estimates the end of an abandoned call by the node’s last sign of life', async () => {
      const nodeId = 'node-1';
      const call = await new AcceptanceCall(store, { buyer: 'C', talkedSeconds: 60 }).connect();
      await store.heartbeat({ nodeId, now: T0 - 20 * SECOND });
      await store.heartbeat({ nodeId, now: T0 - 10 * SECOND });
      const restart = T0 + DAY;
      await store.closeAbandonedCalls({ nodeId, now: restart });
      const { call: row } = await call.record();
      expect(row).toMatchObject({ ended_at: T0 - 10 * SECOND, end_estimated: 1, decided_at: restart });
      expect(await call.money()).toBe('not_converted 0.00/0.00');
    });
  });

  describe(`account on ${kind.name}`, () => {
    let database: TestDatabase;
    let store: CallStore;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
    });
    afterAll(() => database.remove());

    it('writes what changed, marks what is gone, and brings it back', async () => {
      const account = acceptanceAccount();
      expect(await store.applyAccount({ account, now: T0 })).toMatchObject({ changed: 5 });
      expect(await store.applyAccount({ account, now: T0 + 1 })).toMatchObject({ changed: 0 });
      const fewer = { ...account, buyers: account.buyers.slice(1) };
      expect(await store.applyAccount({ account: fewer, now: T0 + 2 })).toMatchObject({ changed: 1 });
      expect(await store.applyAccount({ account: fewer, now: T0 + 3 })).toMatchObject({ changed: 0 });
      expect(await store.applyAccount({ account, now: T0 + 4 })).toMatchObject({ changed: 1 });
    });
  });
}
