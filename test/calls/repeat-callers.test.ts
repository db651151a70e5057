import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RepeatCallerRule } from '../../src/domain/account.ts';
import { MOST_TAGS } from '../../src/domain/call-tag.ts';
import { aCampaign } from '../support/account-builders.ts';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';
import { accountWithCaps, ReservingCall } from '../support/reserving-calls.ts';

const NOON = Date.parse('2026-03-02T17:00:00Z');
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

for (const kind of databases) {
  describe(`repeat callers on ${kind.name} (semantics §6)`, () => {
    let database: TestDatabase;
    let store: CallStore;
    /** Another one in each test. */
    let caller: string;
    let tests = 0;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
    });
    afterAll(() => database.remove());
    beforeEach(() => {
      tests += 1;
      caller = `+1415555${1000 + tests}`;
    });

    const withRule = async (rule: Partial<RepeatCallerRule>) => {
      const repeatCallers = { mode: 'off', withinDays: 30, carryTags: 'none', ...rule } as const;
      const account = accountWithCaps({ A: [], B: [] }, { repeatCallers });
      const campaigns = [...account.campaigns, aCampaign({ id: 'other' })];
      await store.applyAccount({ account: { ...account, campaigns }, now: NOON });
    };
    const answered = async (at: number, plan: { buyer?: string; tags?: string; campaignId?: string } = {}) => {
      const { buyer = 'A', tags = '', campaignId = 'campaign' } = plan;
      const call = new ReservingCall(store, { now: at, caller, historyDays: 30, campaignId });
      await call.begin([{ name: 'channel', value: 'radio', source: 'number' }]);
      await call.dial(buyer);
      await call.answer(buyer, at);
      const parameters = [...new URLSearchParams(tags)];
      await store.addTags({ uuid: call.uuid, method: 'GET', sourceAddress: '203.0.113.7', parameters, now: at });
      await call.end(at + MINUTE);
      return call;
    };
    const returns = async (at: number, changes: { historyDays?: number; tags?: [string, string][] } = {}) => {
      const { historyDays = 30, tags = [] } = changes;
      const call = new ReservingCall(store, { now: at, caller, historyDays });
      const begun = await call.begin(tags.map(([name, value]) => ({ name, value, source: 'number' })));
      const { tags: rows = [], call: row } = (await store.getCall({ uuid: call.uuid }))!;
      const carried = rows.filter(({ source }) => source === 'carried').map(({ name, value }) => `${name}:${value}`);
      return { call, ...begun, carried, rows, row };
    };

    it('tells webhooks of a caller whom a buyer of this campaign had within the days of its rule (token `repeat`)', async () => {
      await withRule({ withinDays: 7 });
      const isRepeat = async (at: number) =>
        (await returns(at)).rows.some(({ name, value }) => name === 'system_repeat' && value === 'true');
      await answered(NOON - 20 * DAY, { campaignId: 'other' });
      expect(await isRepeat(NOON - 19 * DAY)).toBe(false);
      await answered(NOON - 8 * DAY);
      expect(await isRepeat(NOON - 2 * DAY)).toBe(true);
      expect(await isRepeat(NOON)).toBe(false);
    });

    it('knows the calls that buyers answered, newest first, and which of them converted', async () => {
      await withRule({});
      await answered(NOON - 3 * DAY, { buyer: 'B', campaignId: 'other' });
      await answered(NOON - 2 * DAY, { buyer: 'A' });
      const unanswered = new ReservingCall(store, { now: NOON - DAY, caller });
      await unanswered.begin();
      await unanswered.end();
      const { callerHistory } = await returns(NOON);
      expect(callerHistory).toEqual([
        { campaignId: 'campaign', buyerId: 'A', answeredAt: NOON - 2 * DAY, converted: true },
        { campaignId: 'other', buyerId: 'B', answeredAt: NOON - 3 * DAY, converted: false },
      ]);
      expect((await returns(NOON - 1, { historyDays: 2 })).callerHistory).toHaveLength(1);
      expect((await returns(NOON, { historyDays: 2 })).callerHistory).toEqual([]);
      caller = '+14155550000';
      expect((await returns(NOON)).callerHistory).toEqual([]);
    });

    it('does not count a call that the last resort took', async () => {
      await withRule({});
      const call = new ReservingCall(store, { now: NOON - DAY, caller });
      await call.begin();
      await call.dial(undefined);
      await call.answer(undefined);
      await call.end(NOON);
      expect((await returns(NOON)).callerHistory).toEqual([]);
      expect((await store.getCall({ uuid: call.uuid }))?.call).toMatchObject({
        answered_at: NOON - DAY,
        buyer_id: null,
        state: 'not_converted',
        revenue_micros: 0,
      });
      const request = { uuid: call.uuid, method: 'GET', sourceAddress: '203.0.113.7', now: NOON } as const;
      const posted = { ...request, parameters: [['revenue', '10']] as [string, string][], rawText: 'revenue=10' };
      expect((await store.applyPostback(posted)).body).toMatchObject({ status: 'recorded' });
      const byHand = {
        uuid: call.uuid,
        revenueMicros: 1,
        payoutMicros: 1,
        expectedSeq: 0,
        person: 'p',
        reason: 'r',
        now: NOON,
      };
      await expect(store.correctByHand(byHand)).rejects.toMatchObject({ code: 'call_not_billable' });
    });

    it('looks at nothing and carries nothing for callers that cannot be told apart', async () => {
      await withRule({ carryTags: 'all' });
      await answered(NOON - DAY, { tags: 'quality=high' });
      expect(await returns(NOON, { historyDays: 0 })).toMatchObject({
        callerHistory: [],
        carriedTags: [],
        carried: [],
      });
    });

    it('has a hundred calls at most', async () => {
      await withRule({});
      for (let index = 0; index < 103; index += 1) await answered(NOON - DAY + index);
      const { callerHistory } = await returns(NOON);
      expect(callerHistory).toHaveLength(100);
      expect(callerHistory[0]?.answeredAt).toBe(NOON - DAY + 102);
    });

    describe('tags of the last call (semantics §9.16)', () => {
      const posted = 'quality=high&quality=new&age=40';
      it.each([
        ['none', []],
        ['all', ['age:40', 'quality:high', 'quality:new']],
        [
          ['quality', 'zip'],
          ['quality:high', 'quality:new'],
        ],
        [['Quality'], []],
      ] as const)('carry %j', async (carryTags, expected) => {
        await withRule({ carryTags });
        const first = await answered(NOON - DAY, { tags: posted });
        const second = await returns(NOON);
        expect(second.carried.sort()).toEqual(expected);
        expect(second.carriedTags.map(({ name, value }) => `${name}:${value}`).sort()).toEqual(expected);
        expect(second.call.uuid).not.toBe(first.uuid);
        expect(second.row).toMatchObject({ state: 'open', window_ends_at: null, revenue_micros: 0 });
      });

      it('never those of numbers or of the system', async () => {
        await withRule({ carryTags: 'all' });
        await answered(NOON - DAY, { tags: posted });
        const { rows } = await returns(NOON);
        const others = rows.filter(({ source }) => source !== 'carried').map(({ name }) => name);
        expect(others).toEqual(['system_campaign_id', 'system_repeat']);
        expect(rows.filter(({ source }) => source === 'carried').map(({ name }) => name)).not.toContain('channel');
      });

      it('are carried on from call to call, and only from the last of this campaign', async () => {
        await withRule({ carryTags: 'all' });
        await answered(NOON - 4 * DAY, { tags: 'old=1' });
        await answered(NOON - 3 * DAY, { tags: 'quality=high' });
        await answered(NOON - 2 * DAY, { tags: 'elsewhere=1', campaignId: 'other' });
        expect((await returns(NOON)).carried.sort()).toEqual(['old:1', 'quality:high']);
      });

      it('end with the days of the rule', async () => {
        await withRule({ carryTags: 'all', withinDays: 2 });
        await answered(NOON - 2 * DAY, { tags: posted });
        expect((await returns(NOON)).carried).toEqual([]);
        await answered(NOON - 2 * DAY + 1, { tags: posted });
        expect((await returns(NOON)).carried).toHaveLength(3);
      });

      it('do not take the place of the call’s own, and are said again when asked again', async () => {
        await withRule({ carryTags: 'all' });
        await answered(NOON - DAY, { tags: posted });
        const { call, rows, carriedTags } = await returns(NOON, { tags: [['age', '40']] });
        expect(rows.find(({ name }) => name === 'age')?.source).toBe('number');
        expect(carriedTags).toEqual([
          { name: 'quality', value: 'high' },
          { name: 'quality', value: 'new' },
        ]);
        expect(await call.begin()).toMatchObject({ enqueued: 0, carriedTags });
      });

      it('stay within the limit of tags', async () => {
        await withRule({ carryTags: 'all' });
        const many = Array.from({ length: MOST_TAGS - 4 }, (_, index) => `t${index}=1`);
        await answered(NOON - DAY, { tags: many.join('&') });
        const own = Array.from({ length: 50 }, (_, index): [string, string] => [`own${index}`, '1']);
        const { rows, carriedTags } = await returns(NOON, { tags: own });
        expect(rows).toHaveLength(MOST_TAGS);
        expect(carriedTags).toHaveLength(MOST_TAGS - 50 - 2);
      });
    });
  });
}
