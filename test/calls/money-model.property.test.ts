import fc from 'fast-check';
import { expect, it } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { newUuid } from '../../src/domain/ids.ts';
import type { CallRow, LedgerRow } from '../../src/store/tables.ts';
import { MemoryBook } from '../support/money/memory-book.ts';
import { modelAccount } from '../support/money/model-account.ts';
import { type ModelCall, MoneyModel, type Post } from '../support/money/money-model.ts';

/** Histories of each run of the tests; `MONEY_RUNS` makes it longer, `MONEY_SEED` repeats one. */
const RUNS = Number(process.env['MONEY_RUNS'] ?? 2_000);
const SEED = process.env['MONEY_SEED'];
const T0 = Date.parse('2026-03-01T12:00:00Z');
const MICROS_PER_CENT = 10_000;

type Step =
  | { readonly do: 'answer' | 'end' | 'dispute'; readonly call: number }
  | { readonly do: 'post'; readonly call: number; readonly query: string }
  | { readonly do: 'tag'; readonly call: number; readonly query: string }
  | { readonly do: 'correct'; readonly call: number; readonly cents: number; readonly behind: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'crash'; readonly call: number; readonly inside: 'applyPostback' | 'endCall' | 'expireWindows' }
  | { readonly do: 'clock'; readonly seconds: number };

const call = fc.nat(2);
const QUERIES = [
  'revenue=10',
  'revenue=10.00',
  'revenue=12.34',
  'revenue=0',
  'gold',
  'silver',
  'x=gold&revenue=99',
  'x=1',
  '',
];
const GARBAGE = ['revenue=abc', 'revenue=', 'revenue=-1', 'revenue=1&revenue=2', 'revenue=1e3'];
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer'), call }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end'), call }) },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('post'), call, query: fc.constantFrom(...QUERIES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('post'), call, query: fc.constantFrom(...GARBAGE) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('tag'),
      call,
      query: fc.constantFrom('vip=yes', 'vip=no', 'system_buyer_id=B'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('correct'),
      call,
      cents: fc.constantFrom(0, 1234, 1000),
      behind: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dispute'), call }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('sweep') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash'),
      call,
      inside: fc.constantFrom('applyPostback', 'endCall', 'expireWindows'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('clock'),
      seconds: fc.constantFrom(1, 30, 90, 299, 300, 600, 900, -120, 31 * 86_400),
    }),
  },
) as fc.Arbitrary<Step>;

/** Two callers and four buyers, so that duplicates happen; most calls are answered or over when the steps begin. */
const setting = fc.array(
  fc.record({
    buyer: fc.constantFrom('A', 'A', 'B', 'B', 'D', 'D', 'E'),
    caller: fc.constantFrom('+14155550001', '+14155550001', '+14155550002'),
    begins: fc.constantFrom('ringing', 'running', 'running', 'over', 'over'),
  }),
  { minLength: 3, maxLength: 3 },
);

/** A call and how far it has come when the history begins. */
interface Beginning {
  readonly buyer: string;
  readonly caller: string;
  readonly begins: string;
}

const outcome = { result: 'completed', fault: 'none', reason: 'buyer_hung_up' } as const;

/** One history, played on the real operations and on the model side by side. */
class History {
  readonly #book: MemoryBook;
  readonly #model = new MoneyModel();
  readonly #uuids: string[] = [];
  /** Seconds since T0. */
  #now = 1;

  constructor(book: MemoryBook) {
    this.#book = book;
  }

  async begin(calls: readonly Beginning[]): Promise<void> {
    for (const [index, { buyer, caller, begins }] of calls.entries()) {
      const uuid = newUuid(T0 + index);
      this.#uuids.push(uuid);
      this.#model.begin(buyer, caller);
      const numbers = { dialedNumber: '+18005550100', callerNumber: caller, sipCallId: uuid };
      const ids = { uuid, keyVersion: 1, nodeId: 'node', carrierId: 'carrier', campaignId: 'auto' };
      await this.#book.store.beginCall({ ...ids, ...numbers, tags: [], callerHistoryDays: 0, now: T0 });
      if (begins !== 'ringing') await this.play({ do: 'answer', call: index });
      if (begins === 'over') await this.play({ do: 'end', call: index });
    }
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'clock':
        this.#now = Math.max(1, this.#now + step.seconds);
        return;
      case 'sweep':
        await this.#book.store.expireWindows({ now: this.#at, limit: 100 });
        return this.#model.sweep(this.#now);
      case 'crash':
        return this.#crash(step.call, step.inside);
      default:
        await this.#playOn(this.#model.calls[step.call]!, this.#uuids[step.call]!, step);
    }
  }

  /** Nothing runs and nothing waits any more. */
  async finish(): Promise<void> {
    for (let index = 0; index < this.#uuids.length; index += 1) await this.play({ do: 'end', call: index });
    this.#now += 601;
    await this.play({ do: 'sweep' });
  }

  /** Everything the model says of each call, and the audit. */
  compare(): void {
    for (const [index, call] of this.#model.calls.entries()) {
      expect(this.#read(this.#uuids[index]!)).toEqual(expected(call));
    }
    expect(audit(this.#book.database).findings).toEqual([]);
  }

  get #at(): number {
    return T0 + this.#now * 1000;
  }

  async #playOn(
    call: ModelCall,
    uuid: string,
    step: Exclude<Step, { do: 'clock' | 'sweep' | 'crash' }>,
  ): Promise<void> {
    const { store } = this.#book;
    const now = this.#at;
    switch (step.do) {
      case 'answer':
        await store.beginAttempt({
          callUuid: uuid,
          nodeId: 'node',
          seq: 1,
          buyerId: call.buyer,
          destination: 'sip:x',
          now,
        } as never);
        await store.recordAnswer({ callUuid: uuid, seq: 1, buyerId: call.buyer, destination: 'sip:x', now });
        return this.#model.answer(call, this.#now);
      case 'end':
        await store.endCall({ callUuid: uuid, hungUpBy: 'buyer', outcome, now });
        return this.#model.end(call, this.#now);
      case 'post': {
        const { body } = await store.applyPostback(request(uuid, step.query, now));
        const isGarbage = GARBAGE.includes(step.query);
        expect(body.status).toBe(isGarbage ? 'refused' : this.#model.post(call, postOf(step.query), this.#now));
        return;
      }
      case 'tag':
        await store.addTags(request(uuid, step.query, now));
        if (!step.query.startsWith('system')) call.tags.add(step.query);
        return;
      case 'correct': {
        const cents = { revenue: step.cents, payout: Math.floor(step.cents / 2) };
        const expectedSeq = Math.max(0, call.ledger.length - step.behind);
        const money = { revenueMicros: cents.revenue * MICROS_PER_CENT, payoutMicros: cents.payout * MICROS_PER_CENT };
        const taken = await succeeds(
          store.correctByHand({ uuid, ...money, expectedSeq, person: 'p', reason: 'r', now }),
        );
        expect(taken).toBe(this.#model.correct(call, cents, expectedSeq, this.#now));
        return;
      }
      case 'dispute':
        expect(await succeeds(store.noteDispute({ uuid, person: 'p', note: 'n', now }))).toBe(
          this.#model.dispute(call),
        );
    }
  }

  /** Killed inside an operation that had not committed: nothing of it is left, and the restart ends what still ran. */
  async #crash(index: number, inside: 'applyPostback' | 'endCall' | 'expireWindows'): Promise<void> {
    const uuid = this.#uuids[index]!;
    const inputs = {
      applyPostback: request(uuid, 'revenue=77', this.#at),
      endCall: { callUuid: uuid, hungUpBy: 'buyer', outcome, now: this.#at },
      expireWindows: { now: this.#at, limit: 100 },
    };
    await this.#book.crashIn(inside, inputs[inside]);
    await this.#book.store.closeAbandonedCalls({ nodeId: 'node', now: this.#at });
    for (const call of this.#model.calls) this.#model.end(call, this.#now);
  }

  #read(uuid: string) {
    const [row] = this.#book.rows<CallRow>('select * from calls where uuid = ?', uuid);
    const ledger = this.#book.rows<LedgerRow>('select * from ledger where call_uuid = ? order by seq', uuid);
    const fired = this.#book.rows<{ trigger: string; created_at: number }>(
      'select trigger, created_at from deliveries where call_uuid = ? order by rowid',
      uuid,
    );
    const { state, late, duplicate, postback_value, revenue_micros, payout_micros } = row!;
    return {
      state,
      late: late === 1,
      duplicate: duplicate === 1,
      value: postback_value === null ? null : Number(postback_value),
      money: [revenue_micros / MICROS_PER_CENT, payout_micros / MICROS_PER_CENT],
      group: row!.group_id,
      ledger: ledger.map(({ seq, kind, actor, revenue_micros: revenue, payout_micros: payout, rule_index }) => [
        seq,
        kind,
        actor,
        revenue / MICROS_PER_CENT,
        payout / MICROS_PER_CENT,
        rule_index,
      ]),
      fired: fired.map(({ trigger, created_at }) => `${trigger} ${(created_at - T0) / 1000}`),
    };
  }
}

function expected(call: ModelCall) {
  const last = call.ledger.at(-1) ?? { revenue: 0, payout: 0 };
  return {
    state: call.state,
    late: call.late,
    duplicate: call.duplicate,
    value: call.value === undefined ? null : Number(call.value),
    money: [last.revenue, last.payout],
    group: call.group ?? null,
    ledger: call.ledger.map(({ kind, by, revenue, payout, rule }, index) => [
      index + 1,
      kind,
      by,
      revenue,
      payout,
      rule,
    ]),
    fired: call.fired,
  };
}

function request(uuid: string, query: string, now: number) {
  const parameters = [...new URLSearchParams(query)];
  return { uuid, method: 'GET', sourceAddress: '203.0.113.7', parameters, rawText: query, now };
}

function postOf(query: string): Post {
  const revenue = new URLSearchParams(query).get('revenue') ?? undefined;
  return { revenue, word: ['gold', 'silver'].find((word) => query.includes(word)) };
}

function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

it(`${RUNS} random histories of three calls: money, ledger and webhooks are what the model says (semantics §5, §8)`, async () => {
  const print = await MemoryBook.printer(modelAccount(), T0);
  await fc.assert(
    fc.asyncProperty(setting, fc.array(step, { minLength: 4, maxLength: 24 }), async (calls, steps) => {
      const book = print();
      try {
        const history = new History(book);
        await history.begin(calls);
        for (const each of steps) await history.play(each);
        history.compare();
        await history.finish();
        history.compare();
      } finally {
        book.close();
      }
    }),
    { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  );
}, 600_000);
