import type { Campaign } from './account.ts';
import type { Buyer } from './buyer.ts';
import { type CompiledRoute, compiledRoutes, type RoutedBuyer } from './compiled-routes.ts';
import type { EarlierCall } from './earlier-call.ts';
import { RepeatedCaller } from './repeated-caller.ts';
import { comparableTags, firstUnmet, type TagValues } from './tag-match.ts';
import { weightedOrder } from './weighted-order.ts';

/** Why a buyer was not dialled, kept with the call (semantics §6); docs/routing.md explains each. */
export const SKIP_REASONS = [
  'paused',
  'outside_opening_hours',
  'cap_reached',
  'tags_do_not_match',
  'duplicate_caller',
  'repeat_caller',
  'unhealthy',
  'buyer_unknown',
  'listed_before',
  'loop',
  'unsafe_value',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface SkippedBuyer {
  readonly buyerId: string;
  readonly reason: SkipReason;
  /** For a person: what was asked for and what was found. */
  readonly detail: string;
}

/** What is known when a call arrives. */
export interface RoutingFacts {
  readonly now: number;
  readonly tags: TagValues;
  /** Newest first; empty for hidden and shared caller numbers. */
  readonly callerHistory: readonly EarlierCall[];
  /** False: every destination of the buyer is unhealthy. */
  readonly isReachable: (buyer: Buyer) => boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** For the dry run: a call finds out when it reserves a line. */
  readonly capReached?: (buyer: Buyer) => string | undefined;
}

/** Whom to dial in one turn; several ring at once. */
export interface Candidate {
  readonly buyers: readonly Buyer[];
  readonly priority: number;
  readonly weight: number;
  /** Set for a buyer that goes first because it had this caller before. */
  readonly isPreviousBuyer?: true;
}

export interface RoutingPlan {
  /** In the order in which they are dialled. */
  readonly candidates: readonly Candidate[];
  /** By priority of their routes. */
  readonly skipped: readonly SkippedBuyer[];
}

type RoutedCampaign = Pick<Campaign, 'id' | 'routes' | 'repeatCallers'>;
type Buyers = ReadonlyMap<string, Buyer>;

/** Who gets the call, in order, and why nobody else does (semantics §6). Pure: chance comes with the facts. */
export function planRouting(campaign: RoutedCampaign, buyers: Buyers, facts: RoutingFacts): RoutingPlan {
  const caller = new RepeatedCaller(facts.callerHistory, campaign.id, campaign.repeatCallers, facts.now);
  const { mode } = campaign.repeatCallers;
  const { open, skipped } = sift(compiledRoutes(campaign.routes, buyers), facts, { caller, mode });
  const drawn = drawByPriority(open, facts.random);
  const first = mode === 'to_previous_buyer' ? previousBuyers(drawn, caller.previousBuyerIds) : [];
  return { candidates: [...first, ...withoutRepetition(drawn, first, skipped)], skipped };
}

interface CallerRules {
  readonly caller: RepeatedCaller;
  readonly mode: Campaign['repeatCallers']['mode'];
}

/** The routes that are left with the buyers that are, still by priority. */
function sift(
  routes: readonly CompiledRoute[],
  facts: RoutingFacts,
  rules: CallerRules,
): { open: Candidate[]; skipped: SkippedBuyer[] } {
  const tags = comparableTags(facts.tags);
  const open: Candidate[] = [];
  const skipped: SkippedBuyer[] = [];
  for (const { buyers, conditions, priority, weight } of routes) {
    const unmet = firstUnmet(conditions, tags);
    const available: Buyer[] = [];
    for (const routed of buyers) {
      const own = whyUnavailable(routed, facts, rules);
      if (own !== undefined) {
        if (!routed.isListedBefore) skipped.push(own);
      } else if (unmet !== undefined) skipped.push(skip(routed, 'tags_do_not_match', unmet));
      else if (routed.buyer !== undefined) available.push(routed.buyer);
    }
    if (available.length > 0) open.push({ buyers: available, priority, weight });
  }
  return { open, skipped };
}

/** What keeps a buyer away whatever the route, or undefined. */
function whyUnavailable(
  routed: RoutedBuyer,
  { now, isReachable, capReached }: RoutingFacts,
  { caller, mode }: CallerRules,
): SkippedBuyer | undefined {
  const { buyer, schedule } = routed;
  if (buyer === undefined) return skip(routed, 'buyer_unknown', 'the account has no such buyer');
  if (buyer.paused) return skip(routed, 'paused', 'the buyer is paused');
  const closed = schedule?.whyClosed(now);
  if (closed !== undefined) return skip(routed, 'outside_opening_hours', closed);
  const duplicate = caller.whyDuplicate(buyer);
  if (duplicate !== undefined) return skip(routed, 'duplicate_caller', duplicate);
  const repeat = mode === 'to_new_buyer' ? caller.whyNotNew(buyer.id) : undefined;
  if (repeat !== undefined) return skip(routed, 'repeat_caller', repeat);
  if (!isReachable(buyer)) return skip(routed, 'unhealthy', 'none of its destinations answers health checks');
  const full = capReached?.(buyer);
  return full === undefined ? undefined : skip(routed, 'cap_reached', full);
}

function skip({ id }: Pick<Buyer, 'id'>, reason: SkipReason, detail: string): SkippedBuyer {
  return { buyerId: id, reason, detail };
}

/** Priorities in order, chance by weight within each. */
function drawByPriority(open: readonly Candidate[], random: () => number): Candidate[] {
  const drawn: Candidate[] = [];
  let start = 0;
  while (start < open.length) {
    let end = start + 1;
    while (end < open.length && open[end]!.priority === open[start]!.priority) end += 1;
    for (const candidate of weightedOrder(open.slice(start, end), random)) drawn.push(candidate);
    start = end;
  }
  return drawn;
}

/** Those of the candidates who had this caller before, each alone, in the order of `previousIds`. */
function previousBuyers(drawn: readonly Candidate[], previousIds: readonly string[]): Candidate[] {
  const turns = new Map<string, Candidate | undefined>(previousIds.map((id) => [id, undefined]));
  if (turns.size === 0) return [];
  for (const candidate of drawn) {
    for (const buyer of candidate.buyers) {
      if (!turns.has(buyer.id) || turns.get(buyer.id) !== undefined) continue;
      turns.set(buyer.id, { ...candidate, buyers: [buyer], isPreviousBuyer: true });
    }
  }
  return [...turns.values()].filter((turn) => turn !== undefined);
}

/** Each buyer has one turn: at its first place, unless it has had one among the `first`. */
function withoutRepetition(
  drawn: readonly Candidate[],
  first: readonly Candidate[],
  skipped: SkippedBuyer[],
): Candidate[] {
  const moved = new Set(first.flatMap(({ buyers }) => buyers));
  const placed = new Set<Buyer>(moved);
  const turns: Candidate[] = [];
  for (const candidate of drawn) {
    const again = candidate.buyers.filter((buyer) => placed.has(buyer));
    for (const buyer of again) {
      if (!moved.has(buyer)) skipped.push(skip(buyer, 'listed_before', 'it has its turn by another route'));
    }
    for (const buyer of candidate.buyers) placed.add(buyer);
    if (again.length === 0) turns.push(candidate);
    else if (again.length < candidate.buyers.length) {
      turns.push({ ...candidate, buyers: candidate.buyers.filter((buyer) => !again.includes(buyer)) });
    }
  }
  return turns;
}

/** Days of caller history that the campaign's rules, and the token `repeat` of its webhooks, look at; 0: none. */
export function historyDays(campaign: RoutedCampaign & Pick<Campaign, 'webhooks'>, buyers: Buyers): number {
  const { mode, withinDays, carryTags } = campaign.repeatCallers;
  const carries = carryTags === 'all' || (carryTags !== 'none' && carryTags.length > 0);
  const usesRepeats = mode !== 'off' || carries || campaign.webhooks.length > 0;
  return Math.max(usesRepeats ? withinDays : 0, duplicateDays(campaign.routes, buyers));
}

const newestDays = new WeakMap<RoutedCampaign['routes'], { readonly buyers: Buyers; readonly days: number }>();

/** The longest duplicate rule of the routes' buyers, worked out once for each account. */
function duplicateDays(routes: RoutedCampaign['routes'], buyers: Buyers): number {
  const known = newestDays.get(routes);
  if (known?.buyers === buyers) return known.days;
  const rules = routes.flatMap(({ buyerIds }) => buyerIds.map((id) => buyers.get(id)?.duplicateRule?.withinDays ?? 0));
  const days = rules.reduce((longest, each) => Math.max(longest, each), 0);
  newestDays.set(routes, { buyers, days });
  return days;
}

/** After these, another destination of the same buyer may still reach the same people (semantics §6). */
const DESTINATION_FAILURES: ReadonlySet<number> = new Set([408, 480, 500, 503, 504]);

/** Who is dialled after a final non-2xx; undefined = transport failure or no answer at all. */
export function nextAfter(sipStatus: number | undefined): 'next_destination' | 'next_buyer' {
  if (sipStatus === undefined) return 'next_destination';
  return DESTINATION_FAILURES.has(sipStatus) ? 'next_destination' : 'next_buyer';
}
