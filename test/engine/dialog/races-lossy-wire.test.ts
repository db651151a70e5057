import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fate, LossyWire } from '../support/lossy-wire.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type Manners, WiredAgent } from '../support/wired-agent.ts';

interface Step {
  readonly atMs: number;
  readonly who: 'alice' | 'bob';
  readonly what: 'INFO' | 'INVITE' | 'OPTIONS' | 'BYE' | 'CANCEL';
}

/** Lets promises settle between packets, as they do on a real network. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    clock.advance(5);
    await null;
  }
}

type Played = Awaited<ReturnType<typeof play>>;

/** After this long both hang up whatever they think is still up. */
const END_MS = 90_000;

async function play(fate: Fate, manners: Manners, steps: readonly Step[]) {
  const clock = new ManualClock();
  const wire = new LossyWire(clock, fate);
  const alice = new WiredAgent(wire.attach('192.0.2.1'), clock, manners);
  const bob = new WiredAgent(wire.attach('192.0.2.2'), clock, manners);
  alice.call('sip:bob@192.0.2.2');
  const due = [
    ...steps,
    { atMs: END_MS, who: 'alice', what: 'BYE' },
    { atMs: END_MS, who: 'bob', what: 'BYE' },
  ] as Step[];
  for (const step of due.sort((a, b) => a.atMs - b.atMs)) {
    await pass(clock, step.atMs - clock.now());
    const agent = step.who === 'alice' ? alice : bob;
    if (step.what === 'CANCEL') agent.cancel();
    else agent.say(step.what);
  }
  for (let idle = 0; idle < 300 && (alice.tables + bob.tables > 0 || !wire.isEmpty); idle += 1) {
    await pass(clock, 1000);
  }
  return { alice, bob, wire };
}

function expectOrder({ alice, bob, wire }: Played): void {
  const story = wire.log.join('\n');
  for (const agent of [alice, bob]) {
    expect(agent.faults, story).toEqual([]);
    for (const { method, statuses } of agent.finals.values())
      expect([method, statuses.length], story).toEqual([method, 1]);
    for (const [request, count] of agent.requests) expect([request, count], story).toEqual([request, 1]);
    expect(agent.tables, story).toBe(0);
    expect(agent.isUp, story).toBe(false);
  }
}

const statusOfCall = ({ alice }: Played): number =>
  [...alice.finals.values()].find(({ method }) => method === 'INVITE')!.statuses[0]!;

const countOf = (requests: ReadonlyMap<string, number>, method: string): number =>
  [...requests.keys()].filter((key) => key.startsWith(`${method} `)).length;

const manners = fc.record({
  status: fc.constantFrom(200, 200, 200, 486, 603),
  answerAfterMs: fc.constantFrom(0, 10, 400, 3000),
});

const step = fc.record({
  atMs: fc.integer({ min: 0, max: 40_000 }),
  who: fc.constantFrom('alice', 'bob'),
  what: fc.constantFrom('INFO', 'INVITE', 'OPTIONS', 'BYE'),
}) as fc.Arbitrary<Step>;

const cancel = fc.option(
  fc.integer({ min: 0, max: 5000 }).map((atMs): Step => ({ atMs, who: 'alice', what: 'CANCEL' })),
  { nil: undefined },
);

/** Draws the fate of each packet from numbers that shrink towards a wire that just works. */
function fateOf(seed: readonly number[], lossPercent: number, maxDelayMs: number, maxLosses: number): Fate {
  let at = 0;
  const draw = () => {
    at += 1;
    return seed.length === 0 ? 0 : seed[at % seed.length]!;
  };
  return ({ repetition }) => {
    const delay = () => Math.floor(draw() * maxDelayMs);
    if (repetition < maxLosses && draw() > 1 - lossPercent / 100) return [];
    return draw() > 0.85 ? [delay(), delay()] : [delay()];
  };
}

// A prime length, so that the same numbers do not meet the same decisions over and over.
const seeds = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 0, maxLength: 61 });

describe('two engines over a lossy wire (RFC 3261 §17)', () => {
  it('a wire that just works carries a call of exactly seven messages', async () => {
    const story = await play(() => [10], { status: 200, answerAfterMs: 100 }, [
      { atMs: 5000, who: 'bob', what: 'BYE' },
    ]);
    expectOrder(story);
    expect(story.wire.log.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      ...['192.0.2.1 INVITE', '192.0.2.2 100', '192.0.2.2 180', '192.0.2.2 200', '192.0.2.1 ACK'],
      ...['192.0.2.2 BYE', '192.0.2.1 200'],
    ]);
    expect([story.alice.ending, story.bob.ending]).toEqual(['their BYE', 'our BYE']);
  });

  it('up to four losses of each message, doubles and overtaking leave the outcome as it was meant', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 0, max: 90 }), manners, async (seed, loss, how) => {
        const story = await play(fateOf(seed, loss, 1500, 4), how, []);
        expectOrder(story);
        expect(statusOfCall(story)).toBe(how.status);
        expect(countOf(story.bob.requests, 'INVITE')).toBe(1);
        expect(countOf(story.bob.requests, 'ACK')).toBe(how.status === 200 ? 1 : 0);
        if (how.status === 200) {
          const endings = [story.alice.ending, story.bob.ending];
          expect(endings.every((ending) => ending === 'our BYE' || ending === 'their BYE')).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('with CANCEL at any moment both sides agree: cancelled, or answered and hung up', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 0, max: 90 }),
        manners,
        fc.integer({ min: 0, max: 6000 }),
        async (seed, loss, how, atMs) => {
          const story = await play(fateOf(seed, loss, 1500, 4), how, [{ atMs, who: 'alice', what: 'CANCEL' }]);
          expectOrder(story);
          expect([487, how.status]).toContain(statusOfCall(story));
          if (statusOfCall(story) === 487) expect(story.bob.ending).toBe('cancelled');
        },
      ),
      { numRuns: 150 },
    );
  });

  it('whatever is lost: one final response per request, nothing told twice, nothing left behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 0, max: 95 }),
        manners,
        cancel,
        fc.array(step, { maxLength: 8 }),
        async (seed, loss, how, cancelled, steps) => {
          // Slower than T1, a last repetition could outlive the transaction that would know it.
          const fate = fateOf(seed, loss, 450, Number.POSITIVE_INFINITY);
          expectOrder(await play(fate, how, cancelled === undefined ? steps : [cancelled, ...steps]));
        },
      ),
      { numRuns: 250 },
    );
  });
});
