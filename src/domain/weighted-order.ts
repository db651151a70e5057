/**
 * A random order in which each item comes first as often as its share of the weights says, then among the rest likewise.
 * Efraimidis and Spirakis (2006), A-ES: sorted by random^(1/weight), here by its logarithm, as that keeps large weights apart.
 */
export function weightedOrder<Item extends { readonly weight: number }>(
  items: readonly Item[],
  random: () => number,
): Item[] {
  if (items.length < 2) return [...items];
  const drawn = items.map((item) => ({ item, key: arrival(item.weight, random()) }));
  drawn.sort((a, b) => a.key - b.key || 0);
  return drawn.map(({ item }) => item);
}

/** When it arrives, if it does so `weight` times per unit of time on average; never without weight. */
function arrival(weight: number, chance: number): number {
  return weight > 0 ? -Math.log(1 - chance) / weight : Number.POSITIVE_INFINITY;
}
