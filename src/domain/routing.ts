import type { Campaign, Route } from './account.ts';
import type { Buyer } from './buyer.ts';
import { firstUnmet, type TagValues } from './tag-match.ts';

/** Why a route's buyer was not dialled, kept with the call (semantics §6). */
export interface SkippedRoute {
  readonly buyerId: string;
  readonly reason: 'paused' | 'tags_do_not_match' | 'buyer_unknown' | 'listed_before';
  /** For a person: the condition that was not met. */
  readonly detail: string;
}

/** Whom to dial, and why not the others. */
export interface RoutingPlan {
  /** In the order in which they are dialled. */
  readonly buyers: readonly Buyer[];
  readonly skipped: readonly SkippedRoute[];
}

/** Orders a campaign's buyers: lowest priority first, random by weight among equals. `random` is in [0, 1) (semantics §6). */
export function orderBuyers(
  { routes }: Pick<Campaign, 'routes'>,
  buyers: ReadonlyMap<string, Buyer>,
  tags: TagValues,
  random: () => number,
): RoutingPlan {
  const chosen = new Map<string, Buyer>();
  const skipped: SkippedRoute[] = [];
  for (const route of inDialOrder(routes, random)) {
    for (const buyerId of route.buyerIds) {
      const buyer = buyers.get(buyerId);
      const skip = whySkipped(route, buyer, chosen, tags);
      if (skip !== undefined) skipped.push({ buyerId, ...skip });
      else if (buyer !== undefined) chosen.set(buyer.id, buyer);
    }
  }
  return { buyers: [...chosen.values()], skipped };
}

/** The reason not to dial this route's buyer, or undefined. */
function whySkipped(
  route: Route,
  buyer: Buyer | undefined,
  chosen: ReadonlyMap<string, Buyer>,
  tags: TagValues,
): Omit<SkippedRoute, 'buyerId'> | undefined {
  if (buyer === undefined) return { reason: 'buyer_unknown', detail: 'no such buyer' };
  if (buyer.paused) return { reason: 'paused', detail: 'the buyer is paused' };
  const unmet = firstUnmet(route.matches, tags);
  if (unmet !== undefined) return { reason: 'tags_do_not_match', detail: unmet };
  return chosen.has(buyer.id) ? { reason: 'listed_before', detail: 'an earlier route has this buyer' } : undefined;
}

/** Priorities in order, chance within each. */
function inDialOrder(routes: readonly Route[], random: () => number): Route[] {
  const priorities = [...new Set(routes.map((route) => route.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawByWeight(
      routes.filter((route) => route.priority === priority),
      random,
    ),
  );
}

/** Draws all of them without putting back; weight 0 comes last. */
function drawByWeight(routes: readonly Route[], random: () => number): Route[] {
  const left = [...routes];
  const drawn: Route[] = [];
  while (left.length > 0) {
    let point = random() * left.reduce((sum, route) => sum + route.weight, 0);
    const hit = left.findIndex((route) => {
      point -= route.weight;
      return point < 0;
    });
    drawn.push(...left.splice(Math.max(hit, 0), 1));
  }
  return drawn;
}

/** After these, another destination of the same buyer may still reach the same people (semantics §6). */
const DESTINATION_FAILURES: ReadonlySet<number> = new Set([408, 480, 500, 503, 504]);

/** Who is dialled after a final non-2xx; undefined = transport failure or no answer at all. */
export function nextAfter(sipStatus: number | undefined): 'next_destination' | 'next_buyer' {
  if (sipStatus === undefined) return 'next_destination';
  return DESTINATION_FAILURES.has(sipStatus) ? 'next_destination' : 'next_buyer';
}
