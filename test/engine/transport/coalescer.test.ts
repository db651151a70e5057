import { describe, expect, it } from 'vitest';
import { Coalescer } from '../../../sip/engine/transport/coalescer.ts';
import { EndOfTurn } from '../../../sip/engine/transport/end-of-turn.ts';

/** A second in which so many pieces of work come a second, a turn taking so long; tells how long each sleep was. */
function run(perSecond: number, turnMs: number) {
  let now = 0;
  let done = 0;
  const slept: number[] = [];
  const coalescer = new Coalescer({
    now: () => now,
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
    },
  });
  while (now < 1_000) {
    now += turnMs;
    const arrived = Math.floor((now * perSecond) / 1_000);
    coalescer.after(arrived - done);
    done = arrived;
  }
  return slept;
}

describe('coalescing of input', () => {
  it('never sleeps while few messages come, however short the turns', () => {
    expect(run(5_000, 0.2)).toEqual([]);
  });

  it('sleeps for what is left of the period once many come', () => {
    const slept = run(15_000, 0.5);
    expect(slept.length).toBeGreaterThan(400);
    expect(Math.max(...slept)).toBeLessThanOrEqual(2);
    expect(slept.at(-1)).toBeCloseTo(1.5);
  });

  it('never sleeps when a turn takes longer than the period', () => {
    expect(run(30_000, 3)).toEqual([]);
  });
});

describe('end of a turn', () => {
  it('does what was put off in order, tells how much was done, and starts anew', async () => {
    const told: (string | number)[] = [];
    const endOfTurn = new EndOfTurn({ after: (pieces) => told.push(pieces) });
    endOfTurn.count();
    endOfTurn.do(() => told.push('first'));
    endOfTurn.count();
    endOfTurn.do(() => told.push('second'));
    expect(told).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['first', 'second', 2]);
    endOfTurn.do(() => told.push('third'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['first', 'second', 2, 'third', 0]);
  });
});
