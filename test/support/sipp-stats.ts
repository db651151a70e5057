/** Totals of a SIPp run, from the last row of its statistics file (`-trace_stat`). */
export interface SippStats {
  readonly created: number;
  readonly successful: number;
  readonly failed: number;
  /** Messages SIPp sent again. Those it received again are not in this file. */
  readonly retransmissions: number;
  readonly elapsedMs: number;
  /** Why calls failed: SIPp's own column names without `Failed`, those that are not 0. */
  readonly failures: Readonly<Record<string, number>>;
}

/** No run to speak of: SIPp ended before it wrote a row. */
export const NO_STATS: SippStats = {
  created: 0,
  successful: 0,
  failed: 0,
  retransmissions: 0,
  elapsedMs: 0,
  failures: {},
};

/** Reads a statistics file: `;`-separated, one header row, cumulative columns end in `(C)`. */
export function parseSippStats(csv: string): SippStats {
  const [head = '', ...rows] = csv.trimEnd().split('\n');
  const last = rows.at(-1);
  if (last === undefined) return NO_STATS;
  const names = head.split(';');
  const cells = last.split(';');
  const column = (name: string) => cells[names.indexOf(name)] ?? '';
  const count = (name: string) => Number(column(`${name}(C)`));
  const failures: Record<string, number> = {};
  for (const name of names) {
    const [, reason] = /^Failed(?!Call\()(\w+)\(C\)$/.exec(name) ?? [];
    if (reason !== undefined && Number(column(name)) > 0) failures[reason] = Number(column(name));
  }
  return {
    created: Number(column('TotalCallCreated')),
    successful: count('SuccessfulCall'),
    failed: count('FailedCall'),
    retransmissions: count('Retransmissions'),
    elapsedMs: epochMs(column('CurrentTime')) - epochMs(column('StartTime')),
    failures,
  };
}

/** SIPp's stamps read `2026-11-24\t00:00:12.703577\t1795478412.703577`; the last part is the epoch in seconds. */
function epochMs(stamp: string): number {
  return Math.round(Number(stamp.split('\t').at(-1)) * 1_000);
}
