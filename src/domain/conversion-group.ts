import type { TagMatch } from './tag-match.ts';

/** The rule that decides whether a call is a conversion and for how much (semantics §4). Money is in decimal text, e.g. `"50.00"`. */
export type ConversionGroup = PostedRevenueGroup | TriggerGroup | DurationGroup;

interface GroupBase {
  readonly id: string;
  readonly name: string;
  readonly matches: readonly TagMatch[];
  /** A second conversion of the same caller in this group within this time pays nothing; 0 = off. */
  readonly dedupeSeconds: number;
}

export interface PostedRevenueGroup extends GroupBase {
  readonly kind: 'posted_revenue';
  readonly postbackTimeoutSeconds: number;
  /** `*0.8`; blank = payout is the whole revenue. */
  readonly payoutModifier: string;
  readonly zeroCounts: boolean;
}

export interface TriggerGroup extends GroupBase {
  readonly kind: 'trigger';
  readonly postbackTimeoutSeconds: number;
  /** First in the list wins. */
  readonly triggers: readonly ConversionTrigger[];
}

export interface ConversionTrigger {
  readonly text: string;
  readonly mode: 'substring' | 'parameter';
  readonly revenue: string;
  readonly payout: string;
}

export interface DurationGroup extends GroupBase {
  readonly kind: 'duration';
  /** Only the highest one reached counts. */
  readonly steps: readonly DurationStep[];
}

export interface DurationStep {
  readonly seconds: number;
  readonly revenue: string;
  readonly payout: string;
}
