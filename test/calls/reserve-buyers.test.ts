import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cap } from '../../src/domain/buyer.ts';
import { traceOf } from '../../src/domain/routing-trace.ts';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';
import { accountWithCaps, concurrent, linesOf, ReservingCall } from '../support/reserving-calls.ts';

const NOON = Date.parse('2026-03-02T17:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const kind of databases) {
  describe(`lines of buyers on ${kind.name} (semantics §6)`, () => {
    let database: TestDatabase;
    let store: CallStore;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
    });
    afterAll(() => database.remove());

    let test = 0;
    let now: number;
    /** Other names in each test: none sees the lines of another. */
    let id: (name: string) => string;
    const caps = async (ofBuyers: Record<string, readonly Cap[]>) => {
      const named = Object.entries(ofBuyers).map(([name, list]) => [id(name), list]);
      await store.applyAccount({ account: accountWithCaps(Object.fromEntries(named)), now });
    };
    const begun = async (at = now) => {
      const call = new ReservingCall(store, { now: at });
      await call.begin();
      return call;
    };
    beforeEach(() => {
      test += 1;
      const number = test;
      now = NOON + number * 40 * DAY;
      id = (name) => `${name}${number}`;
    });

    it('takes the first candidate with a free line and says why the others have none', async () => {
      await caps({ A: [concurrent(1)], B: [concurrent(1)], C: [] });
      const list = [[id('A')], [id('B')], [id('C')]];
      const [first, second, third, fourth] = [await begun(), await begun(), await begun(), await begun()];
      expect(await first.reserve(list)).toEqual({ chosen: { index: 0, buyerIds: [id('A')] }, capReached: [] });
      const detail = '1 of 1 concurrent calls';
      expect(await second.reserve(list)).toEqual({
        chosen: { index: 1, buyerIds: [id('B')] },
        capReached: [{ buyerId: id('A'), detail }],
      });
      const full = [id('A'), id('B')].map((buyerId) => ({ buyerId, detail }));
      expect(await third.reserve(list)).toEqual({ chosen: { index: 2, buyerIds: [id('C')] }, capReached: full });
      expect(await fourth.reserve(list.slice(0, 2))).toEqual({ capReached: full });
    });

    it('asked again, a call keeps the line it has', async () => {
      await caps({ A: [concurrent(1)] });
      const call = await begun();
      const first = await call.reserve([[id('A')]]);
      expect(await call.reserve([[id('A')]])).toEqual(first);
      expect(await linesOf(store, id('A'), now)).toBe(1);
    });

    it('of those who ring at once each member with a free line is chosen', async () => {
      await caps({ A: [concurrent(1)], B: [concurrent(0)], C: [] });
      const group = [id('A'), id('B'), id('C')];
      expect(await (await begun()).reserve([group])).toEqual({
        chosen: { index: 0, buyerIds: [id('A'), id('C')] },
        capReached: [{ buyerId: id('B'), detail: '0 of 0 concurrent calls' }],
      });
      expect(await (await begun()).reserve([group])).toMatchObject({ chosen: { buyerIds: [id('C')] } });
      expect(await (await begun()).reserve([group.slice(0, 2)])).not.toHaveProperty('chosen');
    });

    it('a call that has ended gets no line, neither by asking nor by dialling', async () => {
      await caps({ A: [concurrent(1)] });
      const call = await begun();
      await call.end();
      expect(await call.reserve([[id('A')]])).toEqual({ capReached: [] });
      await call.dial(id('A'));
      expect(await linesOf(store, id('A'), now)).toBe(0);
    });

    it('a call that never was gets no line', async () => {
      await caps({ A: [] });
      await expect(new ReservingCall(store, { now }).reserve([[id('A')]])).rejects.toMatchObject({
        code: 'call_unknown',
      });
    });

    it('a line is free again when it is released, and when the call ends', async () => {
      await caps({ A: [concurrent(1)] });
      const call = await begun();
      await call.reserve([[id('A')]]);
      expect(await call.release(id('A'))).toEqual({ released: 1 });
      expect(await call.release(id('A'))).toEqual({ released: 0 });
      await call.dial(id('A'));
      await call.answer(id('A'));
      expect(await linesOf(store, id('A'), now)).toBe(1);
      await call.end();
      expect(await linesOf(store, id('A'), now)).toBe(0);
    });

    it('a leg that lingers after the end keeps its line until it is released', async () => {
      await caps({ A: [concurrent(1)], B: [concurrent(1)] });
      const call = await begun();
      await call.reserve([[id('A'), id('B')]]);
      await call.end(now, [id('B')]);
      expect([await linesOf(store, id('A'), now), await linesOf(store, id('B'), now)]).toEqual([0, 1]);
      await call.release(id('B'));
      expect(await linesOf(store, id('B'), now)).toBe(0);
    });

    it('after a crash nothing is held, not even by a leg that lingered', async () => {
      await caps({ A: [concurrent(2)] });
      const [ended, running] = [await begun(), await begun()];
      for (const call of [ended, running]) await call.reserve([[id('A')]]);
      await ended.end(now, [id('A')]);
      const other = new ReservingCall(store, { now, nodeId: 'node-2' });
      await other.begin();
      await store.closeAbandonedCalls({ nodeId: 'node-1', now: now + 1 });
      expect(await linesOf(store, id('A'), now)).toBe(0);
      expect((await store.getCall({ uuid: other.uuid }))?.call.ended_at).toBeNull();
    });

    it('retention takes lines and trace with the call, and counts stay', async () => {
      await caps({ A: [{ per: 'total', limit: 1, counts: 'connections' }] });
      const call = await begun();
      await call.reserve([[id('A')]]);
      await call.dial(id('A'));
      await call.answer(id('A'));
      const trace = traceOf({ candidates: [], skipped: [{ buyerId: 'X', reason: 'paused', detail: 'paused' }] });
      await store.recordRouting({ callUuid: call.uuid, trace: traceOf({ candidates: [], skipped: [] }), now });
      await store.recordRouting({ callUuid: call.uuid, trace, now: now + 1 });
      const routing = (await store.getCall({ uuid: call.uuid }))?.routing;
      expect(routing).toMatchObject({ at: now + 1 });
      expect(JSON.parse(routing?.trace_json ?? '')).toEqual(trace);
      await call.end(now, [id('A')]);
      expect(await linesOf(store, id('A'), now)).toBe(1);
      await store.purgeCalls({ endedBefore: now + HOUR, limit: 1_000, now: now + HOUR });
      expect(await store.getCall({ uuid: call.uuid })).toBeUndefined();
      const load = (await store.buyerLoads({ buyerIds: [id('A')], now })).get(id('A'));
      expect(load).toMatchObject({ lines: 0, counted: [{ count: 1 }] });
    });

    it('a dry run into another time reads without writing', async () => {
      await caps({ A: [{ per: 'day', limit: 1, counts: 'connections' }] });
      const call = await begun();
      await call.reserve([[id('A')]]);
      await call.dial(id('A'));
      await call.answer(id('A'));
      const countAt = async (at: number) => {
        const loads = await store.buyerLoads({ buyerIds: [id('A'), 'nobody'], now: at });
        return [...loads].map(([buyer, { counted }]) => [buyer, counted[0]?.count]);
      };
      expect(await countAt(now + 40 * DAY)).toEqual([[id('A'), 0]]);
      expect(await countAt(now - 40 * DAY)).toEqual([[id('A'), 0]]);
      expect(await countAt(now)).toEqual([[id('A'), 1]]);
      expect((await (await begun()).reserve([[id('A')]])).chosen).toBeUndefined();
    });

    it('a line that was forgotten is free again minutes after the end of its call', async () => {
      await caps({ A: [concurrent(2)] });
      const [ended, running] = [await begun(), await begun()];
      for (const call of [ended, running]) await call.reserve([[id('A')]]);
      await ended.end(now, [id('A')]);
      await store.releaseForgottenLines({ now: now + 5 * MINUTE });
      expect(await linesOf(store, id('A'), now)).toBe(2);
      await store.releaseForgottenLines({ now: now + 5 * MINUTE + 1 });
      expect(await linesOf(store, id('A'), now)).toBe(1);
      await store.releaseForgottenLines({ now: now + 30 * DAY });
      expect(await linesOf(store, id('A'), now)).toBe(1);
    });

    it('a node that starts under another name frees what it held under the old one', async () => {
      await caps({ A: [concurrent(2)] });
      const call = new ReservingCall(store, { now, nodeId: 'old-name' });
      await call.begin();
      await call.reserve([[id('A')]]);
      await store.closeAbandonedCalls({ nodeId: 'new-name', now: now + 1 });
      expect(await linesOf(store, id('A'), now)).toBe(1);
      await store.heartbeat({ nodeId: 'old-name', now: now + 1 });
      await store.closeAbandonedCalls({ nodeId: 'new-name', isAlone: true, now: now + HOUR });
      expect(await linesOf(store, id('A'), now)).toBe(0);
      const { call: row } = (await store.getCall({ uuid: call.uuid }))!;
      expect(row).toMatchObject({ ended_at: now + 1, end_estimated: 1 });
    });

    it('connections and those still dialled together stay within a cap per day', async () => {
      await caps({ A: [{ per: 'day', limit: 2, counts: 'connections' }] });
      const [first, second, third] = [await begun(), await begun(), await begun()];
      for (const call of [first, second]) {
        await call.reserve([[id('A')]]);
        await call.dial(id('A'));
      }
      await first.answer(id('A'));
      const detail = '1 of 2 connections today (America/New_York), and 1 being dialled';
      expect(await third.reserve([[id('A')]])).toEqual({ capReached: [{ buyerId: id('A'), detail }] });
      await second.release(id('A'));
      expect(await third.reserve([[id('A')]])).toHaveProperty('chosen');
      await third.answer(id('A'));
      await first.end();
      await third.end();
      const full = '2 of 2 connections today (America/New_York)';
      expect(await second.reserve([[id('A')]])).toEqual({ capReached: [{ buyerId: id('A'), detail: full }] });
      expect(await second.reserve([[id('A')]], now + DAY)).toHaveProperty('chosen');
    });

    it('a cap on conversions lets calls in progress convert beyond it', async () => {
      await caps({ A: [{ per: 'hour', limit: 1, counts: 'conversions' }] });
      const [first, second, third] = [await begun(), await begun(), await begun()];
      for (const call of [first, second]) {
        expect(await call.reserve([[id('A')]])).toHaveProperty('chosen');
        await call.dial(id('A'));
        await call.answer(id('A'));
      }
      for (const call of [first, second]) await call.end();
      const detail = '2 of 1 conversions this hour (America/New_York)';
      expect(await third.reserve([[id('A')]])).toEqual({ capReached: [{ buyerId: id('A'), detail }] });
      expect(await third.reserve([[id('A')]], now + HOUR)).toHaveProperty('chosen');
    });

    it('a cap that is added later counts what was before it; one that is raised lets calls through at once', async () => {
      await caps({ A: [] });
      for (let index = 0; index < 3; index += 1) {
        const call = await begun();
        await call.dial(id('A'));
        await call.answer(id('A'));
      }
      const total = (limit: number) => ({ per: 'total', limit, counts: 'connections' }) as const;
      await caps({ A: [concurrent(4), total(3)] });
      const call = await begun();
      const detail = '3 of 3 connections in total';
      expect(await call.reserve([[id('A')]])).toEqual({ capReached: [{ buyerId: id('A'), detail }] });
      await caps({ A: [concurrent(3), total(4)] });
      expect((await call.reserve([[id('A')]])).capReached).toMatchObject([{ detail: '3 of 3 concurrent calls' }]);
      await caps({ A: [concurrent(4), total(4)] });
      expect(await call.reserve([[id('A')]])).toHaveProperty('chosen');
    });

    it('looks through a thousand full candidates for the one with a line', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `x${index}`);
      await caps({ ...Object.fromEntries(names.map((name) => [name, [concurrent(0)]])), A: [concurrent(1)] });
      const list = [...names, 'A'].map((name) => [id(name)]);
      const { chosen, capReached } = await (await begun()).reserve(list);
      expect(chosen).toEqual({ index: 1000, buyerIds: [id('A')] });
      expect(capReached).toHaveLength(1000);
    });

    it.each([1, 10])('many calls at once never take more than %i lines (semantics §9.24)', async (limit) => {
      await caps({ A: [concurrent(limit)] });
      const calls = await Promise.all(Array.from({ length: 200 }, () => begun()));
      const answers = await Promise.all(calls.map((call) => call.reserve([[id('A')]])));
      expect(answers.filter(({ chosen }) => chosen !== undefined)).toHaveLength(limit);
      expect(await linesOf(store, id('A'), now)).toBe(limit);
    });
  });
}
