import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AcceptanceCall, acceptanceAccount, DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';

const DEADLINE = T0 + 600 * SECOND;
const RUNS = 100;

const ON_TIME = ['ended', 'converted'];
const LATE = ['ended', 'not_converted', 'converted'];

async function triggersOf(call: AcceptanceCall): Promise<string[]> {
  const { deliveries } = await call.record();
  const order = ['ended', 'not_converted', 'converted'];
  const fired = deliveries.map(({ trigger }) => trigger).filter((trigger) => order.includes(trigger));
  return fired.sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

for (const kind of databases) {
  describe(`line 6: postback and sweep at the same instant on ${kind.name} (semantics §5, §9)`, () => {
    let database: TestDatabase;
    let store: CallStore;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
      await store.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
    });
    afterAll(() => database.remove());

    const sweep = () => store.expireWindows({ now: DEADLINE, limit: 1000 });
    const post = (call: AcceptanceCall) => call.post('revenue=10', DEADLINE);

    it.each([
      ['postback first', ON_TIME, (call: AcceptanceCall) => [post(call), sweep()]],
      ['sweep first', LATE, (call: AcceptanceCall) => [sweep(), post(call)]],
    ])('%s', async (_, expected, actions) => {
      for (let run = 0; run < RUNS / 4; run += 1) {
        const call = await endedCall(store, { buyer: 'A' });
        await Promise.all(actions(call));
        expect(await call.money()).toBe('converted 10.00/8.00');
        expect(await triggersOf(call)).toEqual(expected);
      }
    });

    it('many calls, postbacks and sweepers in parallel: never two of a kind', async () => {
      const calls = await Promise.all(Array.from({ length: RUNS }, () => endedCall(store, { buyer: 'A' })));
      const racing = calls.flatMap((call, index) => [
        post(call),
        ...(index % 10 === 0 ? [sweep()] : []),
        post(call),
        ...(index % 3 === 0 ? [call.post('revenue=12', DEADLINE)] : []),
      ]);
      await Promise.all([...racing, sweep()]);
      for (const call of calls) {
        expect([ON_TIME, LATE]).toContainEqual(await triggersOf(call));
        const { ledger, call: row } = await call.record();
        expect(ledger.at(-1)).toMatchObject({ seq: row.ledger_seq, revenue_micros: row.revenue_micros });
        expect(row.state).toBe('converted');
      }
    });

    it('postback and end of the call in parallel: nothing is lost', async () => {
      const outcome = { result: 'completed', fault: 'none', reason: 'buyer_hung_up' } as const;
      for (let run = 0; run < RUNS / 4; run += 1) {
        const call = await new AcceptanceCall(store, { buyer: 'A' }).connect();
        const end = () => store.endCall({ callUuid: call.uuid, hungUpBy: 'caller', outcome, now: T0 });
        const both = run % 2 === 0 ? [call.post('revenue=10', T0), end()] : [end(), call.post('revenue=10', T0)];
        await Promise.all([...both, end()]);
        expect(await call.money()).toBe('converted 10.00/8.00');
        expect(await triggersOf(call)).toEqual(ON_TIME);
      }
    });
  });
}
