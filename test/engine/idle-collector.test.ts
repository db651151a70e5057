import { describe, expect, it } from 'vitest';
import { IdleCollector } from '../../sip/engine/idle-collector.ts';

function collections(activity: readonly number[]): number {
  let count = 0;
  let now = 0;
  const collector = new IdleCollector(
    () => now,
    () => {
      count += 1;
    },
  );
  for (now of activity) collector.look();
  collector.close();
  return count;
}

describe('idle collector', () => {
  it('collects once after each rush, when a tenth of it is left', () => {
    expect(collections([100, 5_000, 9_000, 3_000, 901])).toBe(0);
    expect(collections([100, 5_000, 9_000, 3_000, 900])).toBe(1);
    expect(collections([9_000, 0, 0, 0, 20])).toBe(1);
    expect(collections([9_000, 0, 0, 8_000, 0])).toBe(2);
  });

  it('does nothing after little', () => {
    expect(collections([1_999, 0, 0])).toBe(0);
  });

  it('frees memory nobody holds any more', () => {
    let rush: unknown[] | undefined = Array.from({ length: 200_000 }, (_, n) => ({ text: `call ${n}` }));
    const full = process.memoryUsage().heapUsed;
    rush = undefined;
    let now = 9_000;
    const collector = new IdleCollector(() => now);
    collector.look();
    now = 0;
    collector.look();
    collector.close();
    expect(rush).toBeUndefined();
    expect(process.memoryUsage().heapUsed).toBeLessThan(full - 5_000_000);
  });
});
