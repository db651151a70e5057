import type { DataTrigger } from './answer-tags.ts';
import type { CallTag } from './call-tag.ts';
import type { Candidate, RoutingPlan, SkippedBuyer, SkipReason } from './routing.ts';

/** A turn of the plan as it is kept with the call. */
export interface TracedCandidate extends Omit<Candidate, 'buyers'> {
  readonly buyerIds: readonly string[];
}

/** Why a call went where it went (semantics §6): stored as JSON, shown to operators, bounded however many buyers there are. */
export interface RoutingTrace {
  /** In the order in which they were to be dialled. */
  readonly candidates: readonly TracedCandidate[];
  /** How many more there were. */
  readonly candidatesLeftOut: number;
  readonly skipped: readonly SkippedBuyer[];
  readonly skippedLeftOut: SkipCounts;
  /** What webhooks told of the call while it waited for them; absent where none was asked. */
  readonly answers?: readonly TracedAnswer[];
}

/** One webhook that the call waited for (semantics §8). */
export interface TracedAnswer {
  readonly webhookId: string;
  readonly trigger: DataTrigger;
  readonly elapsedMs: number;
  /** Now tags of the call. */
  readonly tags: readonly CallTag[];
  /** Why there are none, or not all. */
  readonly problem?: string | undefined;
}

export type SkipCounts = Readonly<Partial<Record<SkipReason, number>>>;

const MOST_CANDIDATES = 50;
const MOST_SKIPS = 100;
/** Kept free for what is skipped while dialling, which is nearer to what became of the call. */
const MOST_LATER_SKIPS = 100;
const MOST_ANSWERS = 100;
const LONGEST_DETAIL = 300;

/** What is kept of a plan. */
export function traceOf({ candidates, skipped }: RoutingPlan): RoutingTrace {
  const kept = candidates.slice(0, MOST_CANDIDATES);
  return {
    candidates: kept.map(({ buyers, ...rest }) => ({ buyerIds: buyers.map(({ id }) => id), ...rest })),
    candidatesLeftOut: candidates.length - kept.length,
    skipped: skipped.slice(0, MOST_SKIPS).map(shortened),
    skippedLeftOut: counted({}, skipped.slice(MOST_SKIPS)),
  };
}

/** The trace with buyers that were skipped while dialling; the same skip is told once. */
export function withSkips(trace: RoutingTrace, skips: readonly SkippedBuyer[]): RoutingTrace {
  const skipped = [...trace.skipped];
  const left: SkippedBuyer[] = [];
  for (const skip of skips) {
    if (skipped.some(({ buyerId, reason }) => buyerId === skip.buyerId && reason === skip.reason)) continue;
    if (skipped.length < MOST_SKIPS + MOST_LATER_SKIPS) skipped.push(shortened(skip));
    else left.push(skip);
  }
  return { ...trace, skipped, skippedLeftOut: counted(trace.skippedLeftOut, left) };
}

/** The trace with what webhooks told. */
export function withAnswers(trace: RoutingTrace, answers: readonly TracedAnswer[]): RoutingTrace {
  return answers.length === 0 ? trace : { ...trace, answers: answers.slice(0, MOST_ANSWERS) };
}

/** The chance of each candidate to be dialled first, by weight among the lowest priority (semantics §6). They sum up to 1. */
export function chancesToBeFirst(
  candidates: readonly Pick<Candidate, 'priority' | 'weight' | 'isPreviousBuyer'>[],
): number[] {
  const first = candidates[0];
  if (first === undefined) return [];
  if (first.isPreviousBuyer === true) return candidates.map((candidate) => (candidate === first ? 1 : 0));
  const rivals = candidates.filter(({ priority }) => priority === first.priority);
  const sum = rivals.reduce((total, { weight }) => total + weight, 0);
  return candidates.map(({ priority, weight }) => (priority === first.priority && sum > 0 ? weight / sum : 0));
}

function counted(counts: SkipCounts, more: readonly SkippedBuyer[]): SkipCounts {
  const sums = { ...counts };
  for (const { reason } of more) sums[reason] = (sums[reason] ?? 0) + 1;
  return sums;
}

function shortened(skip: SkippedBuyer): SkippedBuyer {
  if (skip.detail.length <= LONGEST_DETAIL) return skip;
  return { ...skip, detail: `${skip.detail.slice(0, LONGEST_DETAIL - 1).toWellFormed()}…` };
}
