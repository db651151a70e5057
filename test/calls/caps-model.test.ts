import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cap } from '../../src/domain/buyer.ts';
import { periodAt } from '../../src/domain/cap-period.ts';
import type { BuyerLoad } from '../../src/domain/caps.ts';
import { CapsModel, type CapsStep, type ModelCall } from '../support/caps-model.ts';
import { type CallStore, databases, type TestDatabase } from '../support/databases.ts';
import { accountWithCaps, ReservingCall } from '../support/reserving-calls.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Hours before clocks change in New York. */
const STARTS = ['2026-11-01T03:30:00Z', '2026-03-08T04:30:00Z', '2026-12-31T22:59:00Z'].map((text) => Date.parse(text));
const POSTED = {
  id: 'posted',
  name: 'Posted',
  kind: 'posted_revenue',
  matches: [],
  dedupeSeconds: 0,
  postbackTimeoutSeconds: 600,
  payoutModifier: '*0.5',
  zeroCounts: false,
} as const;

const NAMES = ['A', 'B', 'C'];

const cap: fc.Arbitrary<Cap> = fc.record({
  per: fc.constantFrom('concurrent', 'concurrent', 'hour', 'day', 'month', 'total'),
  limit: fc.integer({ min: 0, max: 5 }),
  counts: fc.constantFrom('connections', 'conversions'),
});
const caps = fc.array(cap, { maxLength: 3 });
const call = fc.nat({ max: 20 });
const group = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 });
const on = <Kind extends string>(kind: Kind) => fc.record({ kind: fc.constant(kind), call });
const step: fc.Arbitrary<CapsStep> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'begin' } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      call,
      candidates: fc.array(group, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: on('answer') },
  { weight: 2, arbitrary: on('release') },
  { weight: 2, arbitrary: on('convert') },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), call, linger: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 20 * MINUTE, HOUR, 7 * HOUR, 26 * HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('caps' as const), of: fc.constantFrom(...NAMES), caps }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' } as const) },
);

/** Drives the store and the model side by side; nothing waits for the store, so that steps share transactions. */
class Run {
  readonly #store: CallStore;
  readonly #model: CapsModel;
  readonly #calls: ReservingCall[] = [];
  readonly #checks: Promise<void>[] = [];
  readonly #suffix: string;

  constructor(store: CallStore, now: number, initial: readonly (readonly Cap[])[], suffix: string) {
    this.#store = store;
    this.#suffix = suffix;
    this.#model = new CapsModel(now, new Map(NAMES.map((name, index) => [this.#id(name), initial[index] ?? []])));
    this.#applyCaps();
  }

  #id(name: string): string {
    return `${name}${this.#suffix}`;
  }

  #applyCaps(): void {
    const account = accountWithCaps(Object.fromEntries(this.#model.caps), { conversionGroups: [POSTED] });
    this.#expect(this.#store.applyAccount({ account, now: this.#model.now }), () => undefined);
  }

  #expect<Output>(output: Promise<Output>, check: (output: Output) => void): void {
    this.#checks.push(output.then(check));
  }

  take(next: CapsStep): void {
    if (next.kind === 'begin') this.#begin();
    else if (next.kind === 'wait') this.#model.now += next.ms;
    else if (next.kind === 'crash') this.#crash();
    else if (next.kind === 'caps') this.#changeCaps(next.of, next.caps);
    else if (this.#calls.length > 0) this.#onCall(next);
    this.#compareLoads();
  }

  #begin(): void {
    const started = new ReservingCall(this.#store, { now: this.#model.now, nodeId: this.#id('node') });
    this.#calls.push(started);
    this.#model.begin(started.uuid);
    this.#expect(started.begin(), () => undefined);
  }

  #crash(): void {
    const { now } = this.#model;
    this.#expect(this.#store.closeAbandonedCalls({ nodeId: this.#id('node'), now }), () => undefined);
    this.#model.crash();
  }

  #changeCaps(name: string, changed: readonly Cap[]): void {
    this.#model.caps.set(this.#id(name), changed);
    this.#applyCaps();
  }

  #onCall(next: Extract<CapsStep, { readonly call: number }>): void {
    const place = next.call % this.#calls.length;
    const [real, model] = [this.#calls[place]!, this.#model.calls[place]!];
    if (next.kind === 'reserve') this.#reserve(real, model, next.candidates);
    else if (next.kind === 'answer') this.#answer(real, model);
    else if (next.kind === 'release') this.#release(real, model);
    else if (next.kind === 'convert') this.#convert(model);
    else this.#end(real, model, next.linger);
  }

  #reserve(real: ReservingCall, model: ModelCall, names: readonly (readonly string[])[]): void {
    const candidates = names.map((candidate) => candidate.map((name) => this.#id(name)));
    const expected = this.#model.reserve(model, candidates);
    this.#expect(real.reserve(candidates, this.#model.now), ({ chosen }) => expect(chosen).toEqual(expected));
  }

  #answer(real: ReservingCall, model: ModelCall): void {
    const [buyer] = model.held.keys();
    if (buyer === undefined || model.hasEnded || model.answered !== undefined) return;
    const { now } = this.#model;
    this.#expect(real.dial(buyer, now), () => undefined);
    this.#expect(real.answer(buyer, now), () => undefined);
    this.#model.answer(model, buyer);
  }

  /** The last buyer that has not answered: its legs are gone. */
  #release(real: ReservingCall, model: ModelCall): void {
    const buyer = [...model.held].findLast(([, isConnected]) => !isConnected)?.[0];
    if (buyer === undefined) return;
    model.held.delete(buyer);
    this.#expect(real.release(buyer), ({ released }) => expect(released).toBe(1));
  }

  #convert(model: ModelCall): void {
    const posted = { method: 'GET', sourceAddress: '203.0.113.7', parameters: [['revenue', '10']] } as const;
    const request = { ...posted, uuid: model.uuid, rawText: 'revenue=10', now: this.#model.now };
    this.#expect(this.#store.applyPostback(request), ({ httpStatus }) => expect(httpStatus).toBe(200));
    this.#model.convert(model);
  }

  #end(real: ReservingCall, model: ModelCall, linger: boolean): void {
    const dialing = [...model.held].filter(([, isConnected]) => !isConnected).map(([buyer]) => buyer);
    const lingering = linger ? dialing : [];
    this.#expect(real.end(this.#model.now, lingering), () => undefined);
    this.#model.end(model, lingering);
  }

  #compareLoads(): void {
    const { now } = this.#model;
    const expected = NAMES.map((name) => this.#expectedLoad(this.#id(name)));
    this.#expect(this.#store.buyerLoads({ buyerIds: NAMES.map((name) => this.#id(name)), now }), (loads) => {
      const found = [...loads].map(([buyer, load]) => ({ buyer, ...load }));
      expect(found).toEqual(expected.map((load) => ({ ...load, counted: expect.arrayContaining([...load.counted]) })));
    });
  }

  #expectedLoad(buyer: string): BuyerLoad & { buyer: string } {
    const { now } = this.#model;
    const counted = (this.#model.caps.get(buyer) ?? []).flatMap(({ per, counts }) => {
      if (per === 'concurrent') return [];
      return [{ counts, ...periodAt(per, 'America/New_York', now), count: this.#model.counted(buyer, counts, per) }];
    });
    return { buyer, now, ...this.#model.linesOf(buyer), counted };
  }

  async finish(): Promise<void> {
    await Promise.all(this.#checks);
  }
}

for (const kind of databases) {
  describe(`caps under any course of events on ${kind.name} (semantics §6)`, () => {
    let database: TestDatabase;
    let store: CallStore;
    let runs = 0;

    beforeAll(async () => {
      database = await kind.open({ inOrder: true });
      store = database.store;
    });
    afterAll(() => database.remove());

    it('lines, counts and whom a reservation chooses are those of the model', async () => {
      const initial = fc.array(caps, { minLength: 3, maxLength: 3 });
      const course = fc.array(step, { minLength: 10, maxLength: 80, size: 'max' });
      const property = fc.asyncProperty(fc.constantFrom(...STARTS), initial, course, async (start, ofBuyers, steps) => {
        runs += 1;
        const run = new Run(store, start, ofBuyers, ` ${runs}`);
        for (const next of steps) run.take(next);
        await run.finish();
      });
      await fc.assert(property, { numRuns: 200 });
    }, 60_000);
  });
}
