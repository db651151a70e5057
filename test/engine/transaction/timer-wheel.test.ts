import { describe, expect, it } from 'vitest';
import { Alarm } from '../../../sip/engine/transaction/alarm.ts';
import { TimerWheel } from '../../../sip/engine/transaction/timer-wheel.ts';
import { ManualClock } from '../support/manual-clock.ts';

const setUp = () => {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock);
  const rung: string[] = [];
  const alarm = (name: string, then: () => void = () => {}) =>
    new Alarm(wheel, () => {
      rung.push(`${name}@${clock.now()}`);
      then();
    });
  return { clock, wheel, rung, alarm };
};

describe('timer wheel', () => {
  it('rings at its time and never before', () => {
    const { clock, rung, alarm } = setUp();
    alarm('a').start(500);
    clock.advance(499);
    expect(rung).toEqual([]);
    clock.advance(11);
    expect(rung).toEqual(['a@500']);
  });

  it('rings in order of time, whatever the order of starting', () => {
    const { clock, rung, alarm } = setUp();
    alarm('late').start(300);
    alarm('early').start(100);
    clock.advance(1000);
    expect(rung).toEqual(['early@100', 'late@300']);
  });

  it('keeps times longer than one turn of the wheel', () => {
    const { clock, rung, alarm } = setUp();
    alarm('c').start(185_000);
    clock.advance(184_990);
    expect(rung).toEqual([]);
    clock.advance(20);
    expect(rung).toEqual(['c@185000']);
  });

  it('does not ring what is stopped, even by another that rings in the same tick', () => {
    const { clock, rung, alarm, wheel } = setUp();
    const victim = alarm('victim');
    const killer = alarm('killer', () => victim.stop());
    victim.start(100);
    killer.start(100);
    clock.advance(200);
    expect(rung).toEqual(['killer@100']);
    expect(wheel.size).toBe(0);
  });

  it('restarts rather than rings twice', () => {
    const { clock, rung, alarm } = setUp();
    const a = alarm('a');
    a.start(100);
    clock.advance(90);
    a.start(100);
    clock.advance(500);
    expect(rung).toEqual(['a@190']);
  });

  it('lets a ringing alarm start itself again', () => {
    const { clock, rung, alarm } = setUp();
    const a = alarm('a', () => {
      if (rung.length < 3) a.start(50);
    });
    a.start(50);
    clock.advance(1000);
    expect(rung).toEqual(['a@50', 'a@100', 'a@150']);
  });

  it('counts what is running and forgets all when closed', () => {
    const { clock, rung, alarm, wheel } = setUp();
    for (const name of ['a', 'b', 'c']) alarm(name).start(100);
    expect(wheel.size).toBe(3);
    wheel.close();
    clock.advance(1000);
    expect(rung).toEqual([]);
    expect(wheel.size).toBe(0);
  });

  it('catches up after the thread was held up', () => {
    const { clock, rung, alarm } = setUp();
    alarm('a').start(100);
    const stuck = alarm('b');
    stuck.start(30_000);
    clock.advance(60_000);
    expect(rung).toEqual(['a@100', 'b@30000']);
  });

  it('goes on when an owner throws', () => {
    const clock = new ManualClock();
    const faults: unknown[] = [];
    const wheel = new TimerWheel(clock, (error) => faults.push(error));
    const rung: string[] = [];
    new Alarm(wheel, () => {
      throw new Error('broken');
    }).start(100);
    new Alarm(wheel, () => rung.push('same tick')).start(100);
    new Alarm(wheel, () => rung.push('later')).start(200);
    clock.advance(300);
    expect(rung.sort()).toEqual(['later', 'same tick']);
    expect(faults).toEqual([new Error('broken')]);
    expect(wheel.size).toBe(0);
  });
});
