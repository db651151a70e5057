import { describe, expect, it } from 'vitest';
import type { Campaign, Webhook } from '../../../src/domain/account.ts';
import type { Buyer } from '../../../src/domain/buyer.ts';
import type { EarlierCall } from '../../../src/domain/earlier-call.ts';
import { historyDays, nextAfter, planRouting, type RoutingFacts } from '../../../src/domain/routing.ts';
import { parseTagMatch, tagValues } from '../../../src/domain/tag-match.ts';
import { aBuyer, aCampaign, aRoute } from '../../support/account-builders.ts';

const NOW = Date.parse('2026-11-01T12:00:00Z');
const DAY = 86_400_000;

interface Case {
  readonly campaign?: Partial<Campaign>;
  readonly buyers?: readonly Buyer[];
  readonly facts?: Partial<RoutingFacts>;
}

/** With random = 0 equals keep the order of the file. */
function plan({ campaign = {}, buyers = ['A', 'B', 'C', 'D'].map((id) => aBuyer(id)), facts = {} }: Case) {
  const { candidates, skipped } = planRouting(aCampaign(campaign), new Map(buyers.map((buyer) => [buyer.id, buyer])), {
    now: NOW,
    tags: tagValues([{ name: 'state', value: 'CA' }]),
    callerHistory: [],
    isReachable: () => true,
    random: () => 0,
    ...facts,
  });
  return {
    order: candidates.map((candidate) => candidate.buyers.map(({ id }) => id).join('+')),
    skips: skipped.map(({ buyerId, reason }) => `${buyerId} ${reason}`),
    details: skipped.map(({ detail }) => detail),
    candidates,
  };
}

const routesTo = (...ids: string[]) => ids.map((id) => aRoute([id]));

function earlier(buyerId: string, daysAgo: number, changes: Partial<EarlierCall> = {}): EarlierCall {
  return { campaignId: 'campaign', buyerId, answeredAt: NOW - daysAgo * DAY, converted: false, ...changes };
}

describe('order (semantics §6)', () => {
  it('goes by priority, lowest first', () => {
    const routes = [
      aRoute(['A'], { priority: 3 }),
      aRoute(['B'], { priority: 1 }),
      aRoute(['C'], { priority: 2 }),
      aRoute(['D'], { priority: 1 }),
    ];
    expect(plan({ campaign: { routes } }).order).toEqual(['B', 'D', 'C', 'A']);
  });

  it('weight decides among equals only', () => {
    const routes = [aRoute(['A'], { priority: 1 }), aRoute(['B'], { priority: 2, weight: 1_000_000 })];
    expect(plan({ campaign: { routes }, facts: { random: Math.random } }).order).toEqual(['A', 'B']);
  });

  it('several buyers of a route ring at once; one of them that cannot is left out', () => {
    const buyers = [aBuyer('A'), aBuyer('B', { paused: true }), aBuyer('C'), aBuyer('D')];
    const result = plan({ campaign: { routes: [aRoute(['A', 'B', 'C']), aRoute(['D'], { priority: 2 })] }, buyers });
    expect(result.order).toEqual(['A+C', 'D']);
    expect(result.skips).toEqual(['B paused']);
  });

  it('a buyer has one turn, by its first route', () => {
    const routes = [
      aRoute(['A'], { priority: 2 }),
      aRoute(['A', 'B'], { priority: 1 }),
      aRoute(['B'], { priority: 3 }),
    ];
    const result = plan({ campaign: { routes } });
    expect(result.order).toEqual(['A+B']);
    expect(result.skips).toEqual(['A listed_before', 'B listed_before']);
  });

  it('a buyer does not ring twice at once', () => {
    expect(plan({ campaign: { routes: [aRoute(['A', 'A', 'B'])] } }).order).toEqual(['A+B']);
  });

  it('a campaign without routes has nobody to dial', () => {
    expect(plan({}).order).toEqual([]);
  });
});

describe('skips, each with its reason (semantics §6)', () => {
  const only = (buyer: Buyer, more: Case = {}) =>
    plan({ buyers: [buyer], ...more, campaign: { routes: routesTo('A'), ...more.campaign } });

  it.each<[string, Case, string, string]>([
    ['paused', { buyers: [aBuyer('A', { paused: true })] }, 'paused', 'the buyer is paused'],
    [
      'outside opening hours',
      { buyers: [aBuyer('A', { openingHours: [{ days: [1], fromMinute: 540, toMinute: 1020 }] })] },
      'outside_opening_hours',
      'closed: it is Sun 12:00 in UTC, opens Mon 09:00',
    ],
    [
      'tags',
      { campaign: { routes: [aRoute(['A'], { matches: ['state==NY', 'state==TX'].map(parseTagMatch) })] } },
      'tags_do_not_match',
      'wants state==NY or state==TX; the call has state CA',
    ],
    [
      'a tag the call does not have',
      { campaign: { routes: [aRoute(['A'], { matches: [parseTagMatch('age>=21')] })] } },
      'tags_do_not_match',
      'wants age>=21; the call has no age',
    ],
    ['unknown', { buyers: [] }, 'buyer_unknown', 'the account has no such buyer'],
    [
      'unhealthy',
      { facts: { isReachable: () => false } },
      'unhealthy',
      'none of its destinations answers health checks',
    ],
    ['cap', { facts: { capReached: () => '10 of 10 concurrent calls' } }, 'cap_reached', '10 of 10 concurrent calls'],
    [
      'duplicate',
      {
        buyers: [aBuyer('A', { duplicateRule: { after: 'connected', withinDays: 30 } })],
        facts: { callerHistory: [earlier('A', 3)] },
      },
      'duplicate_caller',
      'connected with this caller on 2026-10-29T12:00Z, less than 30 days ago',
    ],
    [
      'repeat',
      {
        campaign: { repeatCallers: { mode: 'to_new_buyer', withinDays: 7, carryTags: 'none' } },
        facts: { callerHistory: [earlier('A', 3)] },
      },
      'repeat_caller',
      'had this caller on 2026-10-29T12:00Z, and repeat callers go to a new buyer',
    ],
  ])('%s', (_, given, reason, detail) => {
    const result = only(aBuyer('A'), given);
    expect(result.order).toEqual([]);
    expect(result.skips).toEqual([`A ${reason}`]);
    expect(result.details).toEqual([detail]);
  });

  it('what keeps a buyer away is told once, however many routes it has', () => {
    const routes = [aRoute(['A']), aRoute(['A'], { priority: 2 }), aRoute(['X']), aRoute(['X'])];
    expect(plan({ campaign: { routes }, buyers: [aBuyer('A', { paused: true })] }).skips).toEqual([
      'A paused',
      'X buyer_unknown',
    ]);
  });

  it('a buyer whose first route does not fit has its turn by the second', () => {
    const routes = [aRoute(['A'], { matches: [parseTagMatch('state==NY')] }), aRoute(['A'], { priority: 2 })];
    const result = plan({ campaign: { routes } });
    expect(result.order).toEqual(['A']);
    expect(result.skips).toEqual(['A tags_do_not_match']);
  });
});

describe('duplicate callers (semantics §6)', () => {
  it.each([
    ['connected', 'connected', earlier('A', 1), false],
    ['connected, in another campaign', 'connected', earlier('A', 1, { campaignId: 'other' }), false],
    ['connected with somebody else', 'connected', earlier('B', 1), true],
    ['connected, just outside the days', 'connected', earlier('A', 30), true],
    ['connected, just inside', 'connected', earlier('A', 30 - 1 / 86_400), false],
    ['connected but not converted', 'converted', earlier('A', 1), true],
    ['converted', 'converted', earlier('A', 1, { converted: true }), false],
  ] as const)('%s', (_, after, call, isCandidate) => {
    const buyers = [aBuyer('A', { duplicateRule: { after, withinDays: 30 } })];
    const { order } = plan({ campaign: { routes: routesTo('A') }, buyers, facts: { callerHistory: [call] } });
    expect(order).toEqual(isCandidate ? ['A'] : []);
  });

  it('an older conversion counts behind a newer call without one', () => {
    const buyers = [aBuyer('A', { duplicateRule: { after: 'converted', withinDays: 30 } })];
    const callerHistory = [earlier('A', 1), earlier('A', 2, { converted: true })];
    const result = plan({ campaign: { routes: routesTo('A') }, buyers, facts: { callerHistory } });
    expect(result.skips).toEqual(['A duplicate_caller']);
  });
});

describe('repeat callers (semantics §6)', () => {
  const toPrevious = { mode: 'to_previous_buyer', withinDays: 7, carryTags: 'none' } as const;
  const toNew = { ...toPrevious, mode: 'to_new_buyer' } as const;
  const campaign = { routes: [aRoute(['A']), aRoute(['B', 'C'], { priority: 2 }), aRoute(['D'], { priority: 3 })] };

  it.each([
    ['nobody knows the caller', [], ['A', 'B+C', 'D']],
    ['the last buyer first, the others as usual', [earlier('D', 1)], ['D', 'A', 'B+C']],
    ['newest first', [earlier('D', 1), earlier('A', 2), earlier('D', 3)], ['D', 'A', 'B+C']],
    ['one of a group rings alone, then the rest of it', [earlier('C', 1)], ['C', 'A', 'B']],
    ['a whole group, one by one', [earlier('C', 1), earlier('B', 2)], ['C', 'B', 'A', 'D']],
    ['too long ago', [earlier('D', 7)], ['A', 'B+C', 'D']],
    ['in another campaign', [earlier('D', 1, { campaignId: 'other' })], ['A', 'B+C', 'D']],
    ['a buyer this campaign has no more', [earlier('Z', 1)], ['A', 'B+C', 'D']],
  ])('to the previous buyer: %s', (_, callerHistory, expected) => {
    const repeatCallers = toPrevious;
    const { order, skips } = plan({ campaign: { ...campaign, repeatCallers }, facts: { callerHistory } });
    expect(order.slice(0, expected.length)).toEqual(expected);
    expect(skips).toEqual([]);
  });

  it('to the previous buyer: one that cannot take it is skipped, the others follow', () => {
    const buyers = [aBuyer('A'), aBuyer('B'), aBuyer('C'), aBuyer('D', { paused: true })];
    const facts = { callerHistory: [earlier('D', 1)] };
    const result = plan({ campaign: { ...campaign, repeatCallers: toPrevious }, buyers, facts });
    expect(result.order).toEqual(['A', 'B+C']);
    expect(result.skips).toEqual(['D paused']);
  });

  it("the buyer's own duplicate rule is stronger than the campaign's wish", () => {
    const buyers = [aBuyer('A', { duplicateRule: { after: 'connected', withinDays: 1 } }), aBuyer('B')];
    const facts = { callerHistory: [earlier('A', 0.5)] };
    const result = plan({ campaign: { routes: routesTo('A', 'B'), repeatCallers: toPrevious }, buyers, facts });
    expect(result.order).toEqual(['B']);
    expect(result.skips).toEqual(['A duplicate_caller']);
  });

  it('marks who goes first because of an earlier call', () => {
    const facts = { callerHistory: [earlier('D', 1)] };
    const { candidates } = plan({ campaign: { ...campaign, repeatCallers: toPrevious }, facts });
    expect(candidates.map(({ isPreviousBuyer }) => isPreviousBuyer)).toEqual([true, undefined, undefined]);
  });

  it('to a new buyer: those who had the caller are skipped', () => {
    const facts = { callerHistory: [earlier('A', 1), earlier('C', 2), earlier('D', 8)] };
    const result = plan({ campaign: { ...campaign, repeatCallers: toNew }, facts });
    expect(result.order).toEqual(['B', 'D']);
    expect(result.skips).toEqual(['A repeat_caller', 'C repeat_caller']);
  });

  it('to a new buyer: where there is none, nobody', () => {
    const facts = { callerHistory: [earlier('A', 1)] };
    expect(plan({ campaign: { routes: routesTo('A'), repeatCallers: toNew }, facts }).order).toEqual([]);
  });

  it('off: an earlier call changes nothing', () => {
    expect(plan({ campaign, facts: { callerHistory: [earlier('D', 1)] } }).order).toEqual(['A', 'B+C', 'D']);
  });
});

describe('days of history that are looked at', () => {
  const off = { mode: 'off', withinDays: 30, carryTags: 'none' } as const;
  const duplicates = aBuyer('A', { duplicateRule: { after: 'connected', withinDays: 90 } });

  it.each([
    ['no rule', off, aBuyer('A'), 0],
    ['repeat callers', { ...off, mode: 'to_new_buyer' } as const, aBuyer('A'), 30],
    ['only tags are carried', { ...off, carryTags: ['state'] } as const, aBuyer('A'), 30],
    ['an empty list of tags', { ...off, carryTags: [] } as const, aBuyer('A'), 0],
    ['a duplicate rule', off, duplicates, 90],
    ['the longer of both', { ...off, mode: 'to_new_buyer' } as const, duplicates, 90],
  ])('%s', (_, repeatCallers, buyer, days) => {
    const buyers = new Map([[buyer.id, buyer]]);
    expect(historyDays(aCampaign({ routes: routesTo('A', 'X'), repeatCallers }), buyers)).toBe(days);
  });

  it('those of the rule, though it is off, where a webhook may tell of repeat callers', () => {
    const webhooks = [{ id: 'crm' } as Webhook];
    expect(historyDays(aCampaign({ routes: routesTo('A'), repeatCallers: off, webhooks }), new Map())).toBe(30);
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
