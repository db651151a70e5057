import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/domain/account.ts';
import type { Buyer } from '../../../src/domain/buyer.ts';
import { nextAfter, orderBuyers } from '../../../src/domain/routing.ts';
import { parseTagMatch, tagValues } from '../../../src/domain/tag-match.ts';
import { aBuyer, aRoute } from '../../support/account-builders.ts';

const buyer = (id: string, paused = false): Buyer => aBuyer(id, { paused });

const buyers = new Map(['A', 'B', 'C', 'D'].map((id) => [id, buyer(id)]));
const tags = tagValues([{ name: 'state', value: 'CA' }]);
const route = (buyerId: string, changes: Partial<Route> = {}): Route => ({
  ...aRoute([buyerId]),
  ...changes,
});

const order = (routes: Route[], random = () => 0, known = buyers) => orderBuyers({ routes }, known, tags, random);
const ids = (routes: Route[], random?: () => number) => order(routes, random).buyers.map(({ id }) => id);

/** Deterministic numbers spread over [0, 1). */
function spread(): () => number {
  let n = 0;
  return () => {
    n += 1;
    return (n * 0.618_033_988_749_895) % 1;
  };
}

describe('order of buyers (semantics §6)', () => {
  it('goes by priority, lowest first', () => {
    expect(ids([route('A', { priority: 3 }), route('B', { priority: 1 }), route('C', { priority: 2 })])).toEqual([
      'B',
      'C',
      'A',
    ]);
  });

  it('draws among equals by weight', () => {
    const routes = [route('A', { weight: 3 }), route('B', { weight: 1 })];
    const random = spread();
    const firsts = Array.from({ length: 1_000 }, () => ids(routes, random)[0]);
    const share = firsts.filter((id) => id === 'A').length / firsts.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
  });

  it.each([
    [0, ['A', 'B', 'C']],
    [0.5, ['B', 'C', 'A']],
    [0.999_999, ['C', 'B', 'A']],
  ])('with random = %s every buyer is drawn once', (value, expected) => {
    expect(ids([route('A'), route('B'), route('C')], () => value)).toEqual(expected);
  });

  it('weight 0 comes last', () => {
    expect(ids([route('A', { weight: 0 }), route('B')], () => 0)).toEqual(['B', 'A']);
    expect(ids([route('A', { weight: 0 })], () => 0.9)).toEqual(['A']);
  });

  it('skips with the reason: paused, tags, unknown, listed before', () => {
    const known = new Map([...buyers, ['B', buyer('B', true)]]);
    const routes = [
      route('A'),
      route('B', { priority: 2 }),
      route('C', { priority: 3, matches: [parseTagMatch('state==NY')] }),
      route('X', { priority: 4 }),
      route('A', { priority: 5 }),
      route('D', { priority: 6, matches: [parseTagMatch('state==CA')] }),
    ];
    const plan = order(routes, () => 0, known);
    expect(plan.buyers.map(({ id }) => id)).toEqual(['A', 'D']);
    expect(plan.skipped).toEqual([
      { buyerId: 'B', reason: 'paused', detail: 'the buyer is paused' },
      { buyerId: 'C', reason: 'tags_do_not_match', detail: 'state==NY' },
      { buyerId: 'X', reason: 'buyer_unknown', detail: 'no such buyer' },
      { buyerId: 'A', reason: 'listed_before', detail: 'an earlier route has this buyer' },
    ]);
  });

  it('a campaign without routes has nobody to dial', () => {
    expect(order([])).toEqual({ buyers: [], skipped: [] });
  });
});

describe('who is dialled next (semantics §6)', () => {
  it.each([undefined, 408, 480, 500, 503, 504])('%s: another destination of the same buyer', (status) => {
    expect(nextAfter(status)).toBe('next_destination');
  });

  it.each([302, 404, 486, 487, 488, 502, 600, 603])('%i: the next buyer', (status) => {
    expect(nextAfter(status)).toBe('next_buyer');
  });
});
