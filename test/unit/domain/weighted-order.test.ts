import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightedOrder } from '../../../src/domain/weighted-order.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const DRAWS = 20_000;

/** 99.9th percentile of chi-square with 1 to 8 degrees of freedom. */
const CHI_SQUARE_LIMIT = [10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12];

const itemsOf = (weights: readonly number[]) => weights.map((weight, id) => ({ id, weight }));

/** How far the counts are from what the weights promise. */
function chiSquare(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, index) => {
    const expected = shares[index]! * total;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

const sharesOf = (weights: readonly number[]) => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

describe('order by weight (semantics §6)', () => {
  it.each([
    { weights: [1, 1] },
    { weights: [3, 1] },
    { weights: [70, 20, 10] },
    { weights: [1, 2, 3, 4, 5, 6, 7, 8] },
    { weights: [1_000_000, 500_000] },
    { weights: [1, 999] },
  ])('$weights: each is first as often as its share', ({ weights }) => {
    const random = seededRandom(2026);
    const counts = weights.map(() => 0);
    for (let draw = 0; draw < DRAWS; draw += 1) counts[weightedOrder(itemsOf(weights), random)[0]!.id]! += 1;
    expect(chiSquare(counts, sharesOf(weights))).toBeLessThan(CHI_SQUARE_LIMIT[weights.length - 2]!);
  });

  it('among the rest the shares hold again: all orders of 5, 3, 2', () => {
    const weights = [5, 3, 2];
    const orders = ['012', '021', '102', '120', '201', '210'];
    const shares = orders.map((order) => {
      const [first = 0, second = 0] = [...order].map((id) => weights[Number(id)]!);
      return (first / 10) * (second / (10 - first));
    });
    const random = seededRandom(7);
    const counts = orders.map(() => 0);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const order = weightedOrder(itemsOf(weights), random).map(({ id }) => id);
      counts[orders.indexOf(order.join(''))]! += 1;
    }
    expect(chiSquare(counts, shares)).toBeLessThan(CHI_SQUARE_LIMIT[4]!);
  });

  it('weight 0 comes last', () => {
    const random = seededRandom(1);
    for (let draw = 0; draw < 100; draw += 1) expect(weightedOrder(itemsOf([0, 1, 0]), random)[0]?.id).toBe(1);
    expect(weightedOrder(itemsOf([0, 1]), () => 0).map(({ id }) => id)).toEqual([1, 0]);
  });

  it('every item has exactly one place, whatever chance says', () => {
    const weights = fc.array(fc.nat(1_000), { maxLength: 30 });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(weights, fc.infiniteStream(chance), (given, chances) => {
        const order = weightedOrder(itemsOf(given), () => chances.next().value ?? 0);
        expect(order.map(({ id }) => id).sort((a, b) => a - b)).toEqual([...given.keys()]);
      }),
    );
  });
});
