import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AcceptanceCall,
  acceptanceAccount,
  DAY,
  DURATION,
  endedCall,
  POSTED_REVENUE,
  SECOND,
  T0,
  TRIGGER,
} from '../support/acceptance-calls.ts';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';

const sweepAt = (store: CallStore, seconds: number) => store.expireWindows({ now: T0 + seconds * SECOND, limit: 1000 });

for (const kind of databases) {
  describe(`acceptance table on ${kind.name} (semantics §9)`, () => {
    let database: TestDatabase;
    let store: CallStore;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
      await store.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
    });
    afterAll(() => database.remove());

    it('line 1: revenue posted in the window pays 10.00/8.00 and fires `ended` and `converted` once, then', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      expect(await call.fired()).toEqual([]);
      const answer = await call.post('revenue=10.00', T0 + 10 * SECOND);
      expect(answer).toMatchObject({ httpStatus: 200, enqueued: 2 });
      expect(answer.body).toEqual({ call_uuid: call.uuid, status: 'converted', revenue: '10.00', payout: '8.00' });
      await sweepAt(store, 600);
      expect(await call.money()).toBe('converted 10.00/8.00');
      expect(await call.fired()).toEqual(['ended T0+10', 'converted T0+10']);
    });

    it('line 2: nothing posted → not converted at T0+600, nothing fired before', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      expect(await sweepAt(store, 599.999)).toMatchObject({ expired: 0 });
      expect(await call.fired()).toEqual([]);
      expect(await sweepAt(store, 600)).toMatchObject({ expired: 1, enqueued: 2 });
      expect(await call.money()).toBe('not_converted 0.00/0.00');
      expect(await call.fired()).toEqual(['ended T0+600', 'not_converted T0+600']);
    });

    it('line 3: a sale after the window converts late and fires `converted` only', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      await sweepAt(store, 600);
      const answer = await call.post('revenue=10', T0 + 700 * SECOND);
      expect(answer.body).toMatchObject({ status: 'converted', revenue: '10.00', payout: '8.00' });
      expect((await call.record()).call.late).toBe(1);
      expect(await call.fired()).toEqual(['ended T0+600', 'not_converted T0+600', 'converted T0+700']);
    });

    it('line 4: the same value is unchanged, another one a correction with its own ledger row', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      await call.post('revenue=10.00', T0 + 10 * SECOND);
      expect(await call.post('revenue=10', T0 + 20 * SECOND)).toMatchObject({
        enqueued: 0,
        body: { status: 'unchanged', revenue: '10.00', payout: '8.00' },
      });
      expect((await call.post('revenue=12', T0 + 30 * SECOND)).body).toMatchObject({
        status: 'corrected',
        revenue: '12.00',
        payout: '9.60',
      });
      expect(await call.money()).toBe('converted 12.00/9.60');
      const { ledger } = await call.record();
      expect(ledger.map(({ seq, corrects_seq, payout_micros }) => [seq, corrects_seq, payout_micros])).toEqual([
        [1, null, 8_000_000],
        [2, 1, 9_600_000],
      ]);
      expect(await call.fired()).toEqual(['ended T0+10', 'converted T0+10', 'conversion_updated T0+30']);
    });

    it('line 5: posted during the call → recorded, converted at T0', async () => {
      const call = await new AcceptanceCall(store, { buyer: 'A' }).connect();
      const answer = await call.post('revenue=10.00', T0 - 10 * SECOND);
      expect(answer.body).toMatchObject({ status: 'recorded', reason: expect.stringContaining('still runs') });
      expect(answer.body.revenue).toBeUndefined();
      expect(await call.fired()).toEqual([]);
      expect(await call.end()).toMatchObject({ state: 'converted', enqueued: 2 });
      expect(await call.money()).toBe('converted 10.00/8.00');
      expect(await call.fired()).toEqual(['ended T0+0', 'converted T0+0']);
      expect((await call.record()).postbacks[0]).toMatchObject({ waits_for_end: 0, status: 'recorded' });
    });

    it('line 7: A posts `sale=true` only → recorded, not converted at T0+600', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      expect((await call.post('sale=true', T0 + 10 * SECOND)).body.status).toBe('recorded');
      expect(await call.fired()).toEqual([]);
      await sweepAt(store, 600);
      expect(await call.money()).toBe('not_converted 0.00/0.00');
    });

    it.each([
      ['sale=true', 'converted'],
      ['Sale=true', 'recorded'],
      ['foo=1&sale=true', 'converted'],
      ['sale%3Dtrue', 'converted'],
      ['presale=true', 'recorded'],
    ])('line 8: B posts `%s` → %s', async (query, status) => {
      const call = await endedCall(store, { buyer: 'B' });
      const { body } = await call.post(query, T0 + 10 * SECOND);
      expect(body.status).toBe(status);
      expect(await call.money()).toBe(status === 'converted' ? 'converted 50.00/30.00' : 'pending 0.00/0.00');
    });

    it('line 10: a static revenue wins over a posted one, which is kept', async () => {
      const call = await endedCall(store, { buyer: 'B' });
      await call.post('sale=true&revenue=99', T0 + 10 * SECOND);
      expect(await call.money()).toBe('converted 50.00/30.00');
      expect((await call.record()).call.postback_value).toBe('99');
    });

    it('line 11: C converts by duration at T0; a posted revenue is kept and moves no money', async () => {
      const call = await endedCall(store, { buyer: 'C', talkedSeconds: 120 });
      expect(await call.money()).toBe('converted 20.00/10.00');
      expect(await call.fired()).toEqual(['ended T0+0', 'converted T0+0']);
      expect((await call.post('revenue=500', T0 + 10 * SECOND)).body).toMatchObject({
        status: 'recorded',
        revenue: '20.00',
        payout: '10.00',
      });
      expect((await call.record()).call.postback_value).toBe('500');
      const short = await endedCall(store, { buyer: 'C', talkedSeconds: 60 });
      expect(await short.money()).toBe('not_converted 0.00/0.00');
      expect(await short.fired()).toEqual(['ended T0+0', 'not_converted T0+0']);
    });

    it('line 15: add_tags keeps sets, adds again, and ignores what is ours', async () => {
      const call = await new AcceptanceCall(store, { buyer: 'B' }).connect();
      const tagsNamed = async (name: string) =>
        (await call.record()).tags.filter((tag) => tag.name === name).map(({ value }) => value);
      const first = await call.addTags('a=1&a=1&a=2&b=', T0 - SECOND);
      expect(first.body).toMatchObject({ status: 'tagged', added: ['a:1', 'a:2'], ignored: ['b'] });
      expect(await tagsNamed('a')).toEqual(['1', '2']);
      expect((await call.addTags('a=3', T0 - SECOND)).body.added).toEqual(['a:3']);
      expect((await call.addTags('a=3', T0 - SECOND)).body).toMatchObject({ status: 'unchanged', added: [] });
      expect((await call.addTags('system_buyer_id=A', T0 - SECOND)).body).toMatchObject({
        status: 'unchanged',
        ignored: ['system_buyer_id'],
      });
      await call.end();
      expect((await call.record()).call.group_id).toBe('group-2');
      expect((await call.record()).events.filter(({ type }) => type === 'tags_added')).toHaveLength(2);
    });

    it('line 18: cancelled while ringing → no `answered`, no window, `ended` and `not_converted` at once', async () => {
      const call = new AcceptanceCall(store, { buyer: 'A' });
      await call.begin();
      await call.dial();
      const outcome = { result: 'abandoned', fault: 'caller', reason: 'caller_canceled' } as const;
      const end = { callUuid: call.uuid, hungUpBy: 'caller', sipStatus: 487, outcome, now: T0 } as const;
      expect(await store.endCall(end)).toMatchObject({ state: 'not_converted' });
      expect(await call.fired()).toEqual(['ended T0+0', 'not_converted T0+0']);
      const { call: row, deliveries } = await call.record();
      expect(row).toMatchObject({ window_ends_at: null, answered_at: null, outcome: 'abandoned' });
      const triggers = deliveries.map(({ trigger }) => trigger);
      expect(triggers).not.toContain('answered');
      expect(triggers).not.toContain('no_buyer');
    });

    it('line 20: left open by a dead process → closed with an estimated end, window runs, postback works', async () => {
      const call = await new AcceptanceCall(store, { buyer: 'A' }).connect();
      store = await database.reopen();
      const restart = T0 + 30 * SECOND;
      expect((await store.closeAbandonedCalls({ nodeId: 'other', now: restart })).closed).toBe(0);
      expect(await store.closeAbandonedCalls({ nodeId: 'node-1', now: restart })).toMatchObject({ closed: 1 });
      expect(await store.closeAbandonedCalls({ nodeId: 'node-1', now: restart })).toMatchObject({ closed: 0 });
      const after = new AcceptanceCall(store, { buyer: 'A', uuid: call.uuid });
      expect((await after.record()).call).toMatchObject({
        state: 'pending',
        end_estimated: 1,
        ended_at: restart,
        window_ends_at: restart + 600 * SECOND,
        hung_up_by: 'system',
        outcome_reason: 'node_restarted',
      });
      const answer = await after.post('revenue=10', restart + SECOND);
      expect(answer.body).toMatchObject({ status: 'converted', payout: '8.00' });
    });

    it('line 20: killed between the buyer’s 200 and the caller’s → counts as answered, a sale is taken', async () => {
      const call = new AcceptanceCall(store, { buyer: 'A' });
      await call.begin();
      await call.noteAnswer();
      store = await database.reopen();
      const restart = T0 + 30 * SECOND;
      expect(await store.closeAbandonedCalls({ nodeId: 'node-1', now: restart })).toMatchObject({ closed: 1 });
      const after = new AcceptanceCall(store, { buyer: 'A', uuid: call.uuid });
      expect((await after.record()).call).toMatchObject({
        ...{ state: 'pending', end_estimated: 1, buyer_id: 'A', answered_at: T0 - 60 * SECOND },
        ...{ ended_at: restart, outcome: 'completed' },
      });
      expect((await after.post('revenue=10', restart + SECOND)).body).toMatchObject({ payout: '8.00' });
    });

    it('line 18: the caller left before it was told of the answer → no answer, not even after a crash', async () => {
      const call = new AcceptanceCall(store, { buyer: 'A' });
      await call.begin();
      await call.dial();
      await call.noteAnswer();
      await call.dropped();
      store = await database.reopen();
      await store.closeAbandonedCalls({ nodeId: 'node-1', now: T0 });
      const after = new AcceptanceCall(store, { buyer: 'A', uuid: call.uuid });
      const { call: row, attempts } = await after.record();
      expect(row).toMatchObject({ state: 'not_converted', answered_at: null, buyer_id: null });
      expect(attempts).toMatchObject([{ answered_at: null, sip_status: 487 }]);
      expect(await after.fired()).not.toContain('answered');
    });

    it('line 20: killed between decision and webhook → the delivery is there with its event id', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      await call.post('revenue=10', T0 + SECOND);
      const before = await call.record();
      store = await database.reopen();
      const after = await store.getCall({ uuid: call.uuid });
      expect(after?.deliveries).toEqual(before.deliveries);
      const converted = before.events.find(({ type }) => type === 'converted');
      expect(after?.deliveries.find(({ trigger }) => trigger === 'converted')).toMatchObject({
        event_id: converted?.id,
        state: 'due',
      });
    });

    it('line 23: the group as it was at the end decides, whatever the configuration says now', async () => {
      const call = await endedCall(store, { buyer: 'A' });
      const changed = { ...POSTED_REVENUE, postbackTimeoutSeconds: 5, payoutModifier: '*0' } as const;
      await store.applyAccount({ account: acceptanceAccount({ conversionGroups: [changed] }), now: T0 + SECOND });
      expect(await sweepAt(store, 599)).toMatchObject({ expired: 0 });
      await store.applyAccount({ account: acceptanceAccount({ conversionGroups: [] }), now: T0 + 2 * SECOND });
      expect((await call.post('revenue=10', T0 + 599 * SECOND)).body).toMatchObject({ payout: '8.00' });
      const groups = [POSTED_REVENUE, TRIGGER, DURATION];
      await store.applyAccount({ account: acceptanceAccount({ conversionGroups: groups }), now: T0 + 3 * SECOND });
    });
  });
}
