import type { Route } from './account.ts';
import type { Buyer } from './buyer.ts';
import { Schedule } from './opening-hours.ts';
import { type CompiledMatch, compileMatches } from './tag-match.ts';

type Buyers = ReadonlyMap<string, Buyer>;

/** A route's place for a buyer. */
export interface RoutedBuyer {
  readonly id: string;
  /** Undefined: the account has no such buyer. */
  readonly buyer: Buyer | undefined;
  readonly schedule: Schedule | undefined;
  /** An earlier route has this buyer too: what keeps the buyer itself away is told once. */
  readonly isListedBefore: boolean;
}

/** A route with its buyers at hand. */
export interface CompiledRoute extends Pick<Route, 'priority' | 'weight'> {
  readonly conditions: readonly CompiledMatch[];
  readonly buyers: readonly RoutedBuyer[];
}

const known = new WeakMap<readonly Route[], WeakMap<Buyers, readonly CompiledRoute[]>>();

/** A campaign's routes, lowest priority first, worked out once for each account and not for each call. */
export function compiledRoutes(routes: readonly Route[], buyers: Buyers): readonly CompiledRoute[] {
  const ofRoutes = known.get(routes) ?? new WeakMap<Buyers, readonly CompiledRoute[]>();
  known.set(routes, ofRoutes);
  const compiled = ofRoutes.get(buyers) ?? compile(routes, buyers);
  ofRoutes.set(buyers, compiled);
  return compiled;
}

function compile(routes: readonly Route[], buyers: Buyers): CompiledRoute[] {
  const listed = new Set<string>();
  const inOrder = routes.toSorted((a, b) => a.priority - b.priority);
  return inOrder.map(({ buyerIds, priority, weight, matches }) => {
    const routed = [...new Set(buyerIds)].map((id) => {
      const isListedBefore = listed.has(id);
      listed.add(id);
      const buyer = buyers.get(id);
      return { id, buyer, schedule: buyer && new Schedule(buyer), isListedBefore };
    });
    return { priority, weight, conditions: compileMatches(matches), buyers: routed };
  });
}
