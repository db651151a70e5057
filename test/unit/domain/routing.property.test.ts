import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RepeatCallerRule, Route } from '../../../src/domain/account.ts';
import type { Buyer } from '../../../src/domain/buyer.ts';
import { planRouting, type RoutingPlan } from '../../../src/domain/routing.ts';
import { matchesTags, parseTagMatch, tagValues } from '../../../src/domain/tag-match.ts';
import { aBuyer, aCampaign } from '../../support/account-builders.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const NOW = Date.parse('2026-11-01T12:00:00Z');
const IDS = ['A', 'B', 'C', 'D', 'E', 'F'];
const tags = tagValues([{ name: 'state', value: 'CA' }]);

const anyBuyer = fc.record({
  paused: fc.boolean(),
  openingHours: fc.constantFrom([], [{ days: [1 as const], fromMinute: 0, toMinute: 60 }]),
  duplicateRule: fc.constantFrom(undefined, { after: 'connected' as const, withinDays: 5 }),
});

const anyRoute: fc.Arbitrary<Route> = fc.record({
  buyerIds: fc.uniqueArray(fc.constantFrom(...IDS, 'nobody'), { minLength: 1, maxLength: 3 }),
  priority: fc.integer({ min: 1, max: 3 }),
  weight: fc.integer({ min: 1, max: 5 }),
  matches: fc.constantFrom([], [parseTagMatch('state==CA')], [parseTagMatch('state==NY')]),
});

const anyCase = fc.record({
  routes: fc.array(anyRoute, { maxLength: 8 }),
  buyers: fc.array(anyBuyer, { minLength: IDS.length, maxLength: IDS.length }),
  mode: fc.constantFrom<RepeatCallerRule['mode']>('off', 'to_previous_buyer', 'to_new_buyer'),
  history: fc.array(fc.record({ buyer: fc.constantFrom(...IDS), daysAgo: fc.integer({ min: 0, max: 10 }) })),
  unreachable: fc.subarray(IDS, { maxLength: 2 }),
  seed: fc.nat(),
});

type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never;

const buyersOf = ({ buyers }: Case) =>
  new Map<string, Buyer>(IDS.map((id, index) => [id, aBuyer(id, buyers[index] ?? {})]));

function planOf(given: Case): RoutingPlan {
  const sorted = given.history.toSorted((a, b) => a.daysAgo - b.daysAgo);
  const repeatCallers = { mode: given.mode, withinDays: 7, carryTags: 'none' } as const;
  return planRouting(aCampaign({ routes: given.routes, repeatCallers }), buyersOf(given), {
    now: NOW,
    tags,
    callerHistory: sorted.map(({ buyer, daysAgo }) => ({
      campaignId: 'campaign',
      buyerId: buyer,
      answeredAt: NOW - daysAgo * 86_400_000,
      converted: false,
    })),
    isReachable: ({ id }) => !given.unreachable.includes(id),
    random: seededRandom(given.seed),
  });
}

const candidateIds = (plan: RoutingPlan) => plan.candidates.flatMap(({ buyers }) => buyers.map(({ id }) => id));
const ABOUT_A_ROUTE = new Set(['tags_do_not_match', 'listed_before']);

function holds(title: string, check: (plan: RoutingPlan, given: Case) => void): void {
  it(title, () => {
    fc.assert(
      fc.property(anyCase, (given) => check(planOf(given), given)),
      { numRuns: 1_000 },
    );
  });
}

holds('nobody is dialled twice', (plan) => {
  const ids = candidateIds(plan);
  expect(ids.length).toBe(new Set(ids).size);
});

holds(
  'every routed buyer is a candidate, or skipped with a reason of its own once, or by every route',
  (plan, given) => {
    for (const id of new Set(given.routes.flatMap(({ buyerIds }) => buyerIds))) {
      const skips = plan.skipped.filter(({ buyerId }) => buyerId === id);
      const routes = given.routes.filter(({ buyerIds }) => buyerIds.includes(id)).length;
      const own = skips.filter(({ reason }) => !ABOUT_A_ROUTE.has(reason)).length;
      if (candidateIds(plan).includes(id)) {
        expect(own).toBe(0);
        expect(skips.length).toBeLessThan(routes);
      } else if (own === 0) {
        expect(skips.map(({ reason }) => reason)).toEqual(Array(routes).fill('tags_do_not_match'));
      } else expect(skips.length).toBe(1);
    }
  },
);

holds('nobody else is named', (plan, given) => {
  const routed = new Set(given.routes.flatMap(({ buyerIds }) => buyerIds));
  for (const id of [...candidateIds(plan), ...plan.skipped.map(({ buyerId }) => buyerId)]) {
    expect(routed).toContain(id);
  }
});

holds('candidates may take the call: not paused, open, reachable, by a route that fits', (plan, given) => {
  for (const candidate of plan.candidates) {
    for (const buyer of candidate.buyers) {
      expect([buyer.paused, buyer.openingHours.length, given.unreachable.includes(buyer.id)]).toEqual([
        false,
        0,
        false,
      ]);
      const fits = ({ buyerIds, priority, matches }: Route) =>
        buyerIds.includes(buyer.id) && priority === candidate.priority && matchesTags(matches, tags);
      expect(given.routes.some(fits)).toBe(true);
    }
  }
});

holds('priorities rise, behind those who had the caller before', (plan) => {
  const usual = plan.candidates.findIndex(({ isPreviousBuyer }) => isPreviousBuyer !== true);
  const rest = usual === -1 ? [] : plan.candidates.slice(usual);
  expect(rest.every(({ isPreviousBuyer }) => isPreviousBuyer !== true)).toBe(true);
  const priorities = rest.map(({ priority }) => priority);
  expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
});

holds('the same chance gives the same plan, and the account is not changed', (plan, given) => {
  const before = JSON.stringify(given);
  expect(planOf(given)).toEqual(plan);
  expect(JSON.stringify(given)).toBe(before);
});
