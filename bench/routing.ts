import type { Campaign, Route } from '../src/domain/account.ts';
import type { Buyer, Weekday } from '../src/domain/buyer.ts';
import { planRouting, type RoutingFacts } from '../src/domain/routing.ts';
import { traceOf } from '../src/domain/routing-trace.ts';
import { parseTagMatch, tagValues } from '../src/domain/tag-match.ts';
import { aBuyer, aCampaign, aRoute } from '../test/support/account-builders.ts';
import { pick, type Random, seededRandom } from '../test/support/seeded-random.ts';
import { percentiles } from './percentiles.ts';
import { printVerdicts } from './promises.ts';
import { ms, startTable, whole } from './table.ts';

const PROMISED = {
  /** Of a call to a campaign of a thousand buyers, on the main thread, ms. */
  medianMs: 1,
  buyers: 1_000,
} as const;

const SIZES = [10, 100, 1_000, 10_000];
const NOON_IN_NEW_YORK = Date.parse('2026-06-03T16:00:00Z');
/** Calls come so far apart: in a minute's worth of them every clock moves on. */
const CALL_EVERY_MS = 50;
const DAY_MS = 86_400_000;

const ZONES = [
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Phoenix', 'America/Los_Angeles', 'UTC'],
  ...['America/Anchorage', 'Pacific/Honolulu', 'Europe/London', 'Europe/Berlin', 'Australia/Lord_Howe'],
];
const STATES = ['CA', 'NY', 'TX', 'FL', 'WA', 'NV', 'OR', 'AZ'];

interface Measured {
  readonly candidates: number;
  readonly skipped: number;
  readonly firstMs: number;
  readonly median: number;
  readonly p99: number;
  readonly tracedMedian: number;
  readonly sortMedian: number;
}

/** What it costs to decide who gets a call, for campaigns of ever more buyers with every kind of rule. True if the promise is kept. */
export function measureRouting(quick: boolean): boolean {
  console.log(
    '\nRouting: hours in 11 zones, nights, pauses, tags (sets, numbers, expressions), duplicates, repeat callers,',
  );
  console.log(
    'health, 5 priorities, weights, rings of three. sort: as many random numbers by Array.sort, in the same run.',
  );
  const table = startTable('', [
    ['buyers', 7],
    ['candidates', 10],
    ['skipped', 7],
    ['median ms', 9],
    ['p99 ms', 7],
    ['first ms', 8],
    ['with trace', 10],
    ['sort ms', 8],
    ['x sort', 7],
  ]);
  let promised: Measured | undefined;
  for (const size of SIZES) {
    const of = measure(size, quick);
    if (size === PROMISED.buyers) promised = of;
    const figures = [of.median, of.p99, of.firstMs, of.tracedMedian, of.sortMedian].map(fine);
    table.row(whole(size), whole(of.candidates), whole(of.skipped), ...figures, ms(of.median / of.sortMedian));
  }
  const median = promised?.median ?? Number.NaN;
  const what = `median, ${whole(PROMISED.buyers)} buyers, ms`;
  return printVerdicts([[what, `<= ${PROMISED.medianMs}`, fine(median), median <= PROMISED.medianMs]]);
}

function measure(size: number, quick: boolean): Measured {
  const random = seededRandom(size);
  const { campaign, buyers } = campaignOf(size, random);
  const runs = Math.max(quick ? 20 : 200, Math.round((quick ? 20_000 : 400_000) / size));
  const plans: number[] = [];
  const traces: number[] = [];
  const sorts: number[] = [];
  let counts = { candidates: 0, skipped: 0 };
  const numbers = Array.from({ length: size }, () => random());
  for (let run = 0; run < runs; run += 1) {
    const facts = factsOf(run, buyers, random);
    const started = performance.now();
    const plan = planRouting(campaign, buyers, facts);
    const planned = performance.now();
    JSON.stringify(traceOf(plan));
    traces.push(performance.now() - started);
    plans.push(planned - started);
    const copy = [...numbers];
    const sorting = performance.now();
    copy.sort((a, b) => a - b);
    sorts.push(performance.now() - sorting);
    counts = { candidates: plan.candidates.length, skipped: plan.skipped.length };
  }
  const [firstMs = Number.NaN, ...later] = plans;
  const { p50: median, p99 } = percentiles(later);
  const [tracedMedian, sortMedian] = [percentiles(traces.slice(1)).p50, percentiles(sorts).p50];
  return { ...counts, firstMs, median, p99, tracedMedian, sortMedian };
}

function factsOf(run: number, buyers: ReadonlyMap<string, Buyer>, random: Random): RoutingFacts {
  const now = NOON_IN_NEW_YORK + run * CALL_EVERY_MS;
  const ids = [...buyers.keys()];
  const tags = [
    ['state', pick(random, STATES)],
    ['age', String(18 + Math.floor(random() * 60))],
    ['zip', String(10_000 + Math.floor(random() * 89_999))],
    ['interest', pick(random, ['auto', 'home', 'life'])],
    ['channel', 'radio'],
  ] as const;
  return {
    now,
    tags: tagValues(tags.map(([name, value]) => ({ name, value }))),
    callerHistory: Array.from({ length: 10 }, (_, index) => ({
      campaignId: 'campaign',
      buyerId: pick(random, ids),
      answeredAt: now - index * DAY_MS,
      converted: index % 2 === 0,
    })),
    isReachable: ({ paused }) => !paused,
    random,
  };
}

function campaignOf(size: number, random: Random): { campaign: Campaign; buyers: ReadonlyMap<string, Buyer> } {
  const buyers = Array.from({ length: size }, (_, index) => buyerOf(index, random));
  const routes = buyers.map(({ id }, index) => routeOf(id, index, buyers, random));
  const repeatCallers = { mode: 'to_previous_buyer', withinDays: 30, carryTags: 'all' } as const;
  return { campaign: aCampaign({ routes, repeatCallers }), buyers: new Map(buyers.map((buyer) => [buyer.id, buyer])) };
}

function buyerOf(index: number, random: Random): Buyer {
  const weekdays: Weekday[] = [1, 2, 3, 4, 5];
  const day = { days: weekdays, fromMinute: 480 + (index % 8) * 30, toMinute: 1_080 };
  const night = { days: weekdays, fromMinute: 1_260, toMinute: 120 + (index % 5) * 30 };
  return aBuyer(`buyer-${index}`, {
    timeZone: pick(random, ZONES),
    openingHours: index % 4 === 0 ? [] : [day, night],
    paused: index % 50 === 7,
    duplicateRule: index % 3 === 0 ? { after: 'connected', withinDays: 7 } : undefined,
  });
}

/** Every tenth route rings three buyers at once; each kind of condition has its share. */
function routeOf(id: string, index: number, buyers: readonly Buyer[], random: Random): Route {
  const conditions = [
    [],
    [`state==${pick(random, STATES)}`, `state==${pick(random, STATES)}`, `state==${pick(random, STATES)}`],
    ['age>=21', 'age<75', 'interest!=life'],
    [`zip=~^[${index % 5}-9]${index % 10}?`, 'channel==radio'],
  ];
  const others = index % 10 === 0 ? [pick(random, buyers).id, pick(random, buyers).id] : [];
  return aRoute([...new Set([id, ...others])], {
    priority: 1 + (index % 5),
    weight: 1 + Math.floor(random() * 100),
    matches: (conditions[index % conditions.length] ?? []).map(parseTagMatch),
  });
}

/** Thousandths of a ms count here. */
function fine(value: number): string {
  return value < 1 ? value.toFixed(3) : ms(value);
}
