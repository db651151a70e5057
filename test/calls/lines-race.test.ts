import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';
import { accountWithCaps, concurrent, linesOf, ReservingCall } from '../support/reserving-calls.ts';
import { seededRandom } from '../support/seeded-random.ts';

const NOW = Date.parse('2026-03-02T17:00:00Z');
const CALLERS = 60;
const CALLS_EACH = 6;

/** Lines as the buyer sees them: taken when the answer arrives, given back before it is said. */
class Watch {
  readonly most = new Map<string, number>();
  readonly #busy = new Map<string, number>();

  take(buyers: readonly string[]): void {
    for (const buyer of buyers) {
      const busy = (this.#busy.get(buyer) ?? 0) + 1;
      this.#busy.set(buyer, busy);
      this.most.set(buyer, Math.max(busy, this.most.get(buyer) ?? 0));
    }
  }

  give(buyers: readonly string[]): void {
    for (const buyer of buyers) this.#busy.set(buyer, (this.#busy.get(buyer) ?? 0) - 1);
  }
}

for (const kind of databases) {
  describe(`lines under parallel calls on ${kind.name} (semantics §6, §9.24)`, () => {
    let database: TestDatabase;
    let store: CallStore;

    beforeAll(async () => {
      database = await kind.open();
      store = database.store;
      await store.applyAccount({ account: accountWithCaps({ one: [concurrent(1)], ten: [concurrent(10)] }), now: NOW });
    });
    afterAll(() => database.remove());

    it('a cap is reached and never exceeded while calls come, fail, answer, linger and go', async () => {
      const random = seededRandom(24);
      const watch = new Watch();
      const callers = Array.from({ length: CALLERS }, () => manyCalls(store, watch, random));
      const refused = (await Promise.all(callers)).reduce((sum, each) => sum + each, 0);
      expect([watch.most.get('one'), watch.most.get('ten')]).toEqual([1, 10]);
      expect(refused).toBeGreaterThan(0);
      expect([await linesOf(store, 'one', NOW), await linesOf(store, 'ten', NOW)]).toEqual([0, 0]);
    });

    it('what was held when the process died is still held when it starts again, until it has cleaned up', async () => {
      const [running, lingering] = [new ReservingCall(store, { now: NOW }), new ReservingCall(store, { now: NOW })];
      for (const call of [running, lingering]) {
        await call.begin();
        await call.reserve([['ten']]);
      }
      await lingering.end(NOW, ['ten']);
      store = await database.reopen();
      expect(await linesOf(store, 'ten', NOW)).toBe(2);
      await store.closeAbandonedCalls({ nodeId: 'node-1', now: NOW });
      expect(await linesOf(store, 'ten', NOW)).toBe(0);
    });
  });
}

/** One call after the other; answers how many found no line. */
async function manyCalls(store: CallStore, watch: Watch, random: () => number): Promise<number> {
  let refused = 0;
  for (let count = 0; count < CALLS_EACH; count += 1) {
    const call = new ReservingCall(store, { now: NOW });
    await call.begin();
    const { chosen } = await call.reserve(random() < 0.3 ? [['one', 'ten']] : [['one'], ['ten']]);
    if (chosen === undefined) refused += 1;
    else await takeTurn(call, chosen.buyerIds, watch, random());
    await call.end();
  }
  return refused;
}

async function takeTurn(call: ReservingCall, buyers: readonly string[], watch: Watch, chance: number): Promise<void> {
  watch.take(buyers);
  const first = buyers[0]!;
  await call.dial(first);
  if (chance < 0.5) await call.answer(first);
  else await call.fail();
  if (chance < 0.3 || chance > 0.8) {
    watch.give(buyers);
    await call.end(NOW);
  } else {
    await call.end(NOW, buyers);
    watch.give(buyers);
    await call.release(...buyers);
  }
}
