import type { Buyer } from '../domain/buyer.ts';
import type { Candidate, SkippedBuyer } from '../domain/routing.ts';

/** Takes lines of buyers for this call: the store's `reserveBuyers`. */
export type ReserveLines = (candidates: readonly (readonly string[])[]) => Promise<{
  readonly chosen?: { readonly index: number; readonly buyerIds: readonly string[] };
  readonly capReached: readonly { readonly buyerId: string; readonly detail: string }[];
}>;

/** Who is dialled next. */
export interface NextTurn {
  /** Empty: nobody of those looked at has a free line. */
  readonly buyers: readonly Buyer[];
  /** Where to go on in the plan. */
  readonly nextIndex: number;
  readonly skipped: readonly SkippedBuyer[];
}

/** So many candidates are asked for at once when all have caps. */
const PORTION = 100;

const isCapped = ({ caps }: Buyer): boolean => caps.length > 0;

/**
 * The next candidate of the plan with a free line, its lines taken. Who has no caps is dialled without a round trip to the
 * store; while that is away, buyers with caps are left out: their limit could not be kept (semantics §6).
 */
export async function nextTurn(
  candidates: readonly Candidate[],
  from: number,
  reserve: ReserveLines,
): Promise<NextTurn> {
  const first = candidates[from];
  if (first === undefined) return { buyers: [], nextIndex: candidates.length, skipped: [] };
  if (!first.buyers.some(isCapped)) return { buyers: first.buyers, nextIndex: from + 1, skipped: [] };
  const asked = upToUncapped(candidates.slice(from, from + PORTION));
  try {
    const { chosen, capReached } = await reserve(asked.map(({ buyers }) => buyers.map(({ id }) => id)));
    const skipped = capReached.map((each) => ({ ...each, reason: 'cap_reached' as const }));
    if (chosen === undefined) return { buyers: [], nextIndex: from + asked.length, skipped };
    const buyers = asked[chosen.index]?.buyers.filter(({ id }) => chosen.buyerIds.includes(id)) ?? [];
    return { buyers, nextIndex: from + chosen.index + 1, skipped };
  } catch {
    return withoutCounting(asked, from);
  }
}

/** A candidate with a buyer that always has a line ends the search. */
function upToUncapped(candidates: readonly Candidate[]): readonly Candidate[] {
  const at = candidates.findIndex(({ buyers }) => !buyers.every(isCapped));
  return at < 0 ? candidates : candidates.slice(0, at + 1);
}

function withoutCounting(asked: readonly Candidate[], from: number): NextTurn {
  const detail = 'its lines cannot be counted: the database is unavailable';
  const capped = asked.flatMap(({ buyers }) => buyers.filter(isCapped));
  return {
    buyers: asked.at(-1)?.buyers.filter((buyer) => !isCapped(buyer)) ?? [],
    nextIndex: from + asked.length,
    skipped: capped.map(({ id }) => ({ buyerId: id, reason: 'cap_reached', detail })),
  };
}
