import type { PostbackReport } from './postbacks.ts';
import type { LoadResult } from './sip-load.ts';
import type { SipReport } from './sip-rate.ts';
import { ms, startTable, whole } from './table.ts';

/**
 * What must hold on any machine with two cores. Cost and speed are ratios to something measured in the same run, as
 * absolute figures of a shared machine move by 40 % within an hour.
 */
export const PROMISED = {
  /** Calls per second held without a failed call, a dropped packet or 1 % retransmitted. */
  cleanRate: 1_000,
  /** CPU per call of all threads over that of the SIPp which answers, at 300 calls/s, where waking up is most of it. */
  cpuRatio: 40,
  /** Added by us to INVITE → 200 in 99 of 100 calls at 300 calls/s, ms. Two commits to disk are in it. */
  addedSetUpP99Ms: 10,
  /** Postbacks per second over those of an empty handler: durable, so it cannot be 1. */
  postbackRatio: 0.1,
} as const;

export type Verdict = readonly [what: string, promised: string, measured: string, kept: boolean];

/** Prints them; true if all are kept. */
export function printVerdicts(verdicts: readonly Verdict[]): boolean {
  const table = startTable('Promises', [
    ['', 34],
    ['promised', 9],
    ['measured', 9],
    ['', 0],
  ]);
  for (const [what, promised, measured, kept] of verdicts) {
    table.row(what, promised, measured, kept ? 'kept' : 'BROKEN');
  }
  return verdicts.every(([, , , kept]) => kept);
}

/** Prints each promise with what was measured; true if all are kept. */
export function judge(sip: SipReport, postbacks: PostbackReport): boolean {
  const { rate: held, seconds } = sip.claim ?? { rate: 0, seconds: 0 };
  const { direct, target } = sip.setUp ?? {};
  // Cost per call falls with the rate: both at the same one.
  const cpu = direct && target ? cpuPerCall(target) / cpuPerCall(direct) : Number.NaN;
  const added = direct && target ? target.setUp.p99 - direct.setUp.p99 : Number.NaN;
  const verdicts: Verdict[] = [
    ['load generator clean alone', 'yes', sip.generator.complaints.join(', ') || 'yes', isClean(sip.generator)],
    [`calls/s held for ${seconds} s`, `>= ${PROMISED.cleanRate}`, whole(held), held >= PROMISED.cleanRate],
    ['CPU per call, SIPp = 1', `<= ${PROMISED.cpuRatio}`, ms(cpu), cpu <= PROMISED.cpuRatio],
    ['set-up time added, p99 ms', `<= ${PROMISED.addedSetUpP99Ms}`, ms(added), added <= PROMISED.addedSetUpP99Ms],
    [
      'postbacks/s, empty handler = 1',
      `>= ${PROMISED.postbackRatio}`,
      ms(postbacks.ratio),
      postbacks.ratio >= PROMISED.postbackRatio,
    ],
    ['postbacks refused or broken', '0', whole(postbacks.failed), postbacks.failed === 0],
  ];
  return printVerdicts(verdicts);
}

function cpuPerCall(load: LoadResult): number {
  return load.cpu.totalMs / load.calls;
}

function isClean(load: LoadResult): boolean {
  return load.complaints.length === 0;
}
