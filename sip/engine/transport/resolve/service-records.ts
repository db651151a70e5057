/** One SRV record (RFC 2782), as `node:dns` gives it. */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The order to try them in: by priority, and by lot within one, weights being the shares (RFC 2782). */
export function orderRecords(records: readonly ServiceRecord[], random: () => number): ServiceRecord[] {
  const priorities = [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawAll(
      records.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function drawAll(records: readonly ServiceRecord[], random: () => number): ServiceRecord[] {
  // Weight 0 first, so that such a record still has its small chance.
  const left = [...records].sort((a, b) => a.weight - b.weight);
  const drawn: ServiceRecord[] = [];
  while (left.length > 0) drawn.push(...left.splice(drawOne(left, random), 1));
  return drawn;
}

function drawOne(records: readonly ServiceRecord[], random: () => number): number {
  const total = records.reduce((sum, record) => sum + record.weight, 0);
  const mark = Math.floor(random() * (total + 1));
  let reached = 0;
  const at = records.findIndex((record) => {
    reached += record.weight;
    return reached >= mark;
  });
  return Math.max(at, 0);
}
