import type { Campaign } from './account.ts';
import type { Buyer } from './buyer.ts';
import { type CompiledRoute, compiledRoutes } from './compiled-routes.ts';
import type { EarlierCall } from './earlier-call.ts';
import { whyClosed } from './opening-hours.ts';
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
  for (const { buyers, matches, priority, weight } of routes) {
    const unmet = firstUnmet(matches, tags);
    const available: Buyer[] = [];
    for (const { id, buyer, isListedBefore } of buyers) {
      const why = whyUnavailable(buyer, facts, rules);
      if (why !== undefined) {
        if (!isListedBefore) skipped.push({ buyerId: id, ...why });
      } else if (unmet !== undefined) {
        skipped.push({ buyerId: id, reason: 'tags_do_not_match', detail: unmet });
      } else if (buyer !== undefined) available.push(buyer);
    }
    if (available.length > 0) open.push({ buyers: available, priority, weight });
  }
  return { open, skipped };
}

/** What keeps a buyer away whatever the route, or undefined. */
function whyUnavailable(
  buyer: Buyer | undefined,
  { now, isReachable, capReached }: RoutingFacts,
  { caller, mode }: CallerRules,
): Omit<SkippedBuyer, 'buyerId'> | undefined {
  if (buyer === undefined) return { reason: 'buyer_unknown', detail: 'the account has no such buyer' };
  if (buyer.paused) return { reason: 'paused', detail: 'the buyer is paused' };
  const closed = whyClosed(buyer, now);
  if (closed !== undefined) return { reason: 'outside_opening_hours', detail: closed };
  const duplicate = caller.whyDuplicate(buyer);
  if (duplicate !== undefined) return { reason: 'duplicate_caller', detail: duplicate };
  const repeat = mode === 'to_new_buyer' ? caller.whyNotNew(buyer.id) : undefined;
  if (repeat !== undefined) return { reason: 'repeat_caller', detail: repeat };
  if (!isReachable(buyer)) return { reason: 'unhealthy', detail: 'none of its destinations answers health checks' };
  const full = capReached?.(buyer);
  return full === undefined ? undefined : { reason: 'cap_reached', detail: full };
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
  return previousIds.flatMap((id) => {
    const candidate = drawn.find(({ buyers }) => buyers.some((buyer) => buyer.id === id));
    const buyers = candidate?.buyers.filter((buyer) => buyer.id === id) ?? [];
    return candidate === undefined ? [] : [{ ...candidate, buyers, isPreviousBuyer: true as const }];
  });
}

/** Each buyer has one turn: at its first place, unless it has had one among the `first`. */
function withoutRepetition(
  drawn: readonly Candidate[],
  first: readonly Candidate[],
  skipped: SkippedBuyer[],
): Candidate[] {
  const moved = new Set(first.flatMap(({ buyers }) => buyers));
  const placed = new Set<Buyer>();
  return drawn.flatMap((candidate) => {
    const buyers = candidate.buyers.filter((buyer) => {
      if (moved.has(buyer)) return false;
      if (placed.has(buyer)) {
        skipped.push({ buyerId: buyer.id, reason: 'listed_before', detail: 'it has its turn by another route' });
        return false;
      }
      placed.add(buyer);
      return true;
    });
    if (buyers.length === candidate.buyers.length) return [candidate];
    return buyers.length === 0 ? [] : [{ ...candidate, buyers }];
  });
}

/** Days of caller history the campaign's rules look at; 0: none. */
export function historyDays(campaign: RoutedCampaign, buyers: Buyers): number {
  const { mode, withinDays, carryTags } = campaign.repeatCallers;
  const usesRepeats = mode !== 'off' || carryTags === 'all' || (carryTags !== 'none' && carryTags.length > 0);
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
