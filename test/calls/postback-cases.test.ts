import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TriggerGroup } from '../../src/domain/conversion-group.ts';
import { newUuid } from '../../src/domain/ids.ts';
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

const TWO_TRIGGERS: TriggerGroup = {
  ...(TRIGGER as TriggerGroup),
  triggers: [
    { text: 'gold', mode: 'substring', revenue: '80', payout: '40' },
    { text: 'silver', mode: 'substring', revenue: '50', payout: '30' },
  ],
};

for (const kind of databases) {
  describe(`postbacks on ${kind.name}`, () => {
    let database: TestDatabase;
    let store: CallStore;

    const configure = (changes: Parameters<typeof acceptanceAccount>[0] = {}, now = T0 - DAY) =>
      store.applyAccount({ account: acceptanceAccount(changes), now });

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
      await configure();
    });
    afterAll(() => database.remove());

    describe('refused (semantics §3)', () => {
      it.each([
        ['revenue=abc', 422],
        ['revenue=1e3', 422],
        ['revenue=', 422],
        ['revenue=10&revenue=12', 400],
      ])('`%s` → %i, state untouched, kept in the log', async (query, httpStatus) => {
        const call = await endedCall(store, { buyer: 'A' });
        const before = (await call.record()).call;
        const answer = await call.post(query, T0 + SECOND);
        expect(answer).toMatchObject({ httpStatus, enqueued: 0, body: { status: 'refused' } });
        const after = await call.record();
        expect(after.call).toEqual(before);
        expect(after.postbacks).toMatchObject([{ status: 'refused', reason: answer.body.reason, raw_text: query }]);
      });

      it('a uuid that never was → 403; one removed by retention → 410', async () => {
        const stranger = new AcceptanceCall(store, { buyer: 'A' });
        expect(await stranger.post('revenue=1', T0)).toMatchObject({ httpStatus: 403, enqueued: 0 });
        expect(await stranger.addTags('a=1', T0)).toMatchObject({ httpStatus: 403 });
        const old = await endedCall(store, { buyer: 'C', endsAt: T0 - 400 * DAY });
        const young = await endedCall(store, { buyer: 'C', endsAt: T0 - DAY });
        const endedBefore = T0 - 365 * DAY;
        expect(await store.purgeCalls({ endedBefore, limit: 10, now: T0 })).toEqual({ purged: 1 });
        expect(await old.post('revenue=1', T0)).toMatchObject({ httpStatus: 410 });
        expect(await store.getCall({ uuid: old.uuid })).toBeUndefined();
        expect(await young.money()).toBe('not_converted 0.00/0.00');
      });

      it('a key of another version than the call’s → 403, logged', async () => {
        const call = await endedCall(store, { buyer: 'A' });
        expect(await call.post('revenue=1', T0, { keyVersion: 2 })).toMatchObject({ httpStatus: 403 });
        expect(await call.post('revenue=1', T0, { keyVersion: 1 })).toMatchObject({ httpStatus: 200 });
        expect((await call.record()).postbacks.map(({ status }) => status)).toEqual(['refused', 'converted']);
      });

      it('GET and HEAD in a campaign set to POST only → 405', async () => {
        await configure({ postOnly: true });
        const call = await endedCall(store, { buyer: 'A' });
        expect(await call.post('revenue=1', T0)).toMatchObject({ httpStatus: 405 });
        expect(await call.post('revenue=1', T0, { method: 'HEAD' })).toMatchObject({ httpStatus: 405 });
        expect(await call.addTags('a=1', T0)).toMatchObject({ httpStatus: 405 });
        expect(await call.post('revenue=1', T0, { method: 'POST' })).toMatchObject({ httpStatus: 200 });
        await configure();
      });
    });

    describe('posted revenue (semantics §5)', () => {
      it('0 is recorded and does not convert by default', async () => {
        const call = await endedCall(store, { buyer: 'A' });
        expect((await call.post('revenue=0', T0 + SECOND)).body).toMatchObject({ status: 'recorded' });
        expect(await call.money()).toBe('pending 0.00/0.00');
        expect((await call.record()).call.postback_value).toBe('0');
      });

      it('0 converts where the group counts it', async () => {
        await configure({ conversionGroups: [{ ...POSTED_REVENUE, zeroCounts: true } as typeof POSTED_REVENUE] });
        const call = await endedCall(store, { buyer: 'A' });
        expect((await call.post('revenue=0', T0 + SECOND)).body.status).toBe('converted');
        await configure();
      });

      it('a conversion corrected to 0 stays one, worth nothing, and can be corrected again', async () => {
        const call = await endedCall(store, { buyer: 'A' });
        await call.post('revenue=10', T0 + SECOND);
        expect((await call.post('revenue=0', T0 + 2 * SECOND)).body.status).toBe('corrected');
        expect(await call.money()).toBe('converted 0.00/0.00');
        expect((await call.post('revenue=5', T0 + 3 * SECOND)).body).toMatchObject({ payout: '4.00' });
        expect((await call.record()).ledger).toHaveLength(3);
      });

      it('of several values posted during the call the last one counts', async () => {
        const call = await new AcceptanceCall(store, { buyer: 'A' }).connect();
        for (const revenue of ['10', '12', '11.50']) await call.post(`revenue=${revenue}`, T0 - SECOND);
        await call.end();
        expect(await call.money()).toBe('converted 11.50/9.20');
        expect((await call.record()).ledger).toHaveLength(1);
      });

      it('without a window it decides at the end; what comes after is late', async () => {
        const atOnce = { ...POSTED_REVENUE, postbackTimeoutSeconds: 0 } as typeof POSTED_REVENUE;
        await configure({ conversionGroups: [atOnce] });
        const call = await endedCall(store, { buyer: 'A' });
        expect(await call.fired()).toEqual(['ended T0+0', 'not_converted T0+0']);
        expect((await call.post('revenue=10', T0 + SECOND)).body.status).toBe('converted');
        expect((await call.record()).call.late).toBe(1);
        await configure();
      });
    });

    describe('triggers (semantics §5)', () => {
      it('one standing earlier corrects, a later one is ignored and logged, the same is unchanged', async () => {
        await configure({ conversionGroups: [TWO_TRIGGERS] });
        const call = await endedCall(store, { buyer: 'B' });
        const statuses: string[] = [];
        for (const query of ['x=silver', 'x=silver', 'x=gold', 'x=silver', 'x=nothing']) {
          statuses.push((await call.post(query, T0 + SECOND)).body.status);
        }
        expect(statuses).toEqual(['converted', 'unchanged', 'corrected', 'recorded', 'recorded']);
        expect(await call.money()).toBe('converted 80.00/40.00');
        expect((await call.record()).postbacks[3]?.reason).toContain('earlier trigger');
        await configure();
      });

      it('of several posted during the call the first in the list wins', async () => {
        await configure({ conversionGroups: [TWO_TRIGGERS] });
        const call = await new AcceptanceCall(store, { buyer: 'B' }).connect();
        await call.post('x=silver', T0 - 2 * SECOND);
        await call.post('x=gold', T0 - SECOND);
        await call.end();
        expect(await call.money()).toBe('converted 80.00/40.00');
        await configure();
      });
    });

    describe('late (semantics §5)', () => {
      it('counts up to the limit after the decision, 30 days unless told otherwise', async () => {
        const call = await endedCall(store, { buyer: 'A', endsAt: T0 });
        await store.expireWindows({ now: T0 + 600 * SECOND, limit: 1000 });
        const decidedAt = T0 + 600 * SECOND;
        const tooLate = await call.post('revenue=10', decidedAt + 30 * DAY + 1);
        expect(tooLate.body).toMatchObject({ status: 'recorded', reason: expect.stringContaining('too late') });
        const short = await call.post('revenue=10', decidedAt + DAY + 1, { lateLimitMs: DAY });
        expect(short.body.status).toBe('recorded');
        expect((await call.post('revenue=10', decidedAt + 30 * DAY)).body.status).toBe('converted');
      });

      it('never makes money of a call that nobody answered', async () => {
        const call = new AcceptanceCall(store, { buyer: 'A' });
        await call.begin();
        const outcome = { result: 'busy', fault: 'buyer', reason: 'busy' } as const;
        await store.endCall({ callUuid: call.uuid, hungUpBy: 'system', sipStatus: 486, outcome, now: T0 });
        expect((await call.post('revenue=10', T0 + SECOND)).body).toMatchObject({
          status: 'recorded',
          reason: 'the call was not answered',
        });
      });
    });

    it('no group fits: not converted at once, postbacks are kept and move no money (semantics §4)', async () => {
      await configure({ conversionGroups: [TRIGGER] });
      const call = await endedCall(store, { buyer: 'A' });
      expect(await call.money()).toBe('not_converted 0.00/0.00');
      expect((await call.post('revenue=10&sale=true', T0 + SECOND)).body).toMatchObject({
        status: 'recorded',
        reason: 'no conversion group fits this call',
      });
      await configure();
    });

    describe('duplicates (semantics §5)', () => {
      const deduped = { ...POSTED_REVENUE, dedupeSeconds: 3600 } as typeof POSTED_REVENUE;
      const callOf = (caller: string, endsAt: number) => endedCall(store, { buyer: 'A', caller, endsAt });

      it('the same caller again within the time: value kept, no money, not converted in the end', async () => {
        await configure({ conversionGroups: [deduped] });
        const caller = '+14155559001';
        const first = await callOf(caller, T0);
        await first.post('revenue=10', T0 + SECOND);
        const second = await callOf(caller, T0 + 60 * SECOND);
        const answer = await second.post('revenue=20', T0 + 61 * SECOND);
        expect(answer).toMatchObject({ enqueued: 0, body: { status: 'duplicate' } });
        expect(await second.fired()).toEqual([]);
        expect((await second.post('revenue=20', T0 + 62 * SECOND)).body.status).toBe('unchanged');
        await store.expireWindows({ now: T0 + 700 * SECOND, limit: 1000 });
        expect(await second.money()).toBe('not_converted 0.00/0.00');
        expect((await second.record()).call).toMatchObject({ duplicate: 1, postback_value: '20' });
        expect((await second.post('revenue=20', T0 + 2 * DAY)).body.status).toBe('unchanged');
        await configure();
      });

      it('after the time, for another caller, or another group there is none', async () => {
        await configure({ conversionGroups: [deduped, TRIGGER] });
        const caller = '+14155559002';
        await (await callOf(caller, T0)).post('revenue=10', T0 + SECOND);
        const later = await callOf(caller, T0 + 3600 * SECOND);
        expect((await later.post('revenue=10', T0 + 3601 * SECOND)).body.status).toBe('converted');
        const other = await callOf('+14155559003', T0 + 60 * SECOND);
        expect((await other.post('revenue=10', T0 + 61 * SECOND)).body.status).toBe('converted');
        const elsewhere = await endedCall(store, { buyer: 'B', caller, endsAt: T0 + 60 * SECOND });
        expect((await elsewhere.post('sale=true', T0 + 61 * SECOND)).body.status).toBe('converted');
        await configure();
      });

      it('a duration reached twice pays once, decided at the end', async () => {
        await configure({ conversionGroups: [{ ...DURATION, dedupeSeconds: 3600 } as typeof DURATION] });
        const plan = { buyer: 'C', talkedSeconds: 120, caller: '+14155559004' };
        expect(await (await endedCall(store, plan)).money()).toBe('converted 20.00/10.00');
        const second = await endedCall(store, { ...plan, endsAt: T0 + 300 * SECOND });
        expect(await second.money()).toBe('not_converted 0.00/0.00');
        expect((await second.record()).call.duplicate).toBe(1);
        await configure();
      });
    });

    describe('add_tags (semantics §5)', () => {
      it('takes 100 tags, names of 64 and values of 255 characters; the rest is ignored', async () => {
        const call = await endedCall(store, { buyer: 'C' });
        const long = `${'n'.repeat(65)}=1&v=${'x'.repeat(256)}&${'m'.repeat(64)}=${'y'.repeat(255)}`;
        const answer = await call.addTags(long, T0);
        expect(answer.body.ignored).toEqual(['n'.repeat(65), 'v']);
        expect(answer.body.added).toHaveLength(1);
        const many = Array.from({ length: 100 }, (_, index) => `t${index}=1`).join('&');
        const { added, ignored } = (await call.addTags(many, T0)).body;
        const held = (await call.record()).tags.length;
        expect(held).toBe(100);
        expect((added?.length ?? 0) + (ignored?.length ?? 0)).toBe(100);
      });

      it.each(['system_x=1', 'SYSTEM_Y=1', 'endpoint=sip:x', 'call_key=1', 'payout=5'])('ignores %s', async (query) => {
        const call = await endedCall(store, { buyer: 'C' });
        expect((await call.addTags(query, T0)).body.ignored).toHaveLength(1);
      });

      it('decides which group fits when it comes before the end, and nothing after it', async () => {
        const won = { ...DURATION, id: 'won', matches: [{ name: 'quality', operator: '==', value: 'high' }] } as const;
        await configure({ conversionGroups: [won as typeof DURATION, POSTED_REVENUE] });
        const call = await new AcceptanceCall(store, { buyer: 'A', talkedSeconds: 120 }).connect();
        await call.addTags('quality=high', T0 - SECOND);
        await call.end();
        expect((await call.record()).call.group_id).toBe('won');
        const after = await endedCall(store, { buyer: 'A', talkedSeconds: 120 });
        await after.addTags('quality=high', T0 + SECOND);
        expect((await after.record()).call).toMatchObject({ group_id: 'group-1', state: 'pending' });
        await configure();
      });
    });

    it('refers to no call that is not there', async () => {
      const callUuid = newUuid(T0);
      const outcome = { result: 'failed', fault: 'us', reason: 'error' } as const;
      await expect(store.endCall({ callUuid, hungUpBy: 'system', outcome, now: T0 })).rejects.toMatchObject({
        name: 'AppError',
        code: 'call_unknown',
        kind: 'NotFound',
      });
    });
  });
}
