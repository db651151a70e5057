import type { ConversionGroup, DurationGroup, PostedRevenueGroup, TriggerGroup } from './conversion-group.ts';
import { findTrigger } from './conversion-trigger.ts';
import { formatMoney, parseMoney } from './money.ts';
import { applyPayoutModifier, parsePayoutModifier } from './payout-modifier.ts';
import type { PostedData } from './posted-data.ts';
import { matchesTags, type TagValues } from './tag-match.ts';

/** Money a rule gives a call, and why. */
export interface Conversion {
  readonly kind: 'conversion';
  readonly revenueMicros: number;
  readonly payoutMicros: number;
  /** Place in the list of the trigger or step that decided; null where the group has no list. */
  readonly ruleIndex: number | null;
  /** For a person to read. */
  readonly explanation: string;
}

/** No money, and why. */
export interface NoConversion {
  readonly kind: 'none';
  /** For the buyer and the owner to read. */
  readonly reason: string;
}

/** What a rule makes of the facts. */
export type Verdict = Conversion | NoConversion;

/** What the last ledger row of a converted call says. */
export interface DecidedMoney {
  readonly revenueMicros: number;
  readonly ruleIndex: number | null;
}

/** What a postback makes of money that was given already. */
export type CorrectionVerdict = Conversion | NoConversion | { readonly kind: 'unchanged' };

/** The first group that fits; no fall-through (semantics §4). */
export function chooseGroup(groups: readonly ConversionGroup[], tags: TagValues): ConversionGroup | undefined {
  return groups.find((group) => matchesTags(group.matches, tags));
}

/** How long after the end a postback may still decide, in ms; 0 for a duration, which decides at once (semantics §5). */
export function windowMs(group: ConversionGroup): number {
  return group.kind === 'duration' ? 0 : group.postbackTimeoutSeconds * 1000;
}

/** A duration group at the end of the call: only the highest step reached counts (semantics §4). */
export function judgeDuration(group: DurationGroup, connectedMs: number): Verdict {
  const reached = group.steps
    .map((step, index) => ({ step, index }))
    .filter(({ step }) => connectedMs >= step.seconds * 1000)
    .sort((a, b) => b.step.seconds - a.step.seconds)[0];
  const talked = `${(connectedMs / 1000).toFixed(3)} s connected`;
  if (reached === undefined) return none(`${talked}, less than any step of this group`);
  return staticMoney(reached.step, reached.index, `${talked} reached ${reached.step.seconds} s`);
}

/** What postbacks mean that came before the decision, in the order they came (semantics §5). */
export function judgePosted(group: ConversionGroup, posted: readonly PostedData[]): Verdict {
  if (group.kind === 'duration') return none(DECIDED_BY_DURATION);
  return group.kind === 'trigger' ? judgeTriggers(group, posted) : judgeRevenue(group, posted);
}

/** What a postback means for a call that has converted (semantics §3, §5). */
export function judgeCorrection(group: ConversionGroup, decided: DecidedMoney, posted: PostedData): CorrectionVerdict {
  if (group.kind === 'duration') return none(DECIDED_BY_DURATION);
  if (group.kind === 'posted_revenue') return correctRevenue(group, decided, posted);
  const index = findTrigger(group.triggers, posted.rawText);
  if (index === undefined) return none(NO_TRIGGER);
  if (index === decided.ruleIndex) return { kind: 'unchanged' };
  if (decided.ruleIndex !== null && index > decided.ruleIndex) {
    return none('an earlier trigger of the list has already decided this call');
  }
  return byTrigger(group, index);
}

const DECIDED_BY_DURATION = 'this call is decided by its duration; the value is kept as information';
const NO_TRIGGER = 'the request contains no trigger of this group';
const NO_REVENUE = 'the request has no revenue parameter';

function none(reason: string): NoConversion {
  return { kind: 'none', reason };
}

/** Of several postbacks the last revenue is the buyer's word. */
function judgeRevenue(group: PostedRevenueGroup, posted: readonly PostedData[]): Verdict {
  const revenue = posted.findLast((data) => data.revenue !== undefined)?.revenue;
  if (revenue === undefined) return none(NO_REVENUE);
  if (revenue.micros === 0 && !group.zeroCounts) return none('a revenue of 0 is not a conversion in this group');
  return byRevenue(group, revenue.micros);
}

/** Of several postbacks the trigger standing first in the list wins. */
function judgeTriggers(group: TriggerGroup, posted: readonly PostedData[]): Verdict {
  const found = posted.map((data) => findTrigger(group.triggers, data.rawText)).filter((index) => index !== undefined);
  return found.length === 0 ? none(NO_TRIGGER) : byTrigger(group, Math.min(...found));
}

/** A sale taken back (0 where zero does not count) leaves a conversion worth nothing, whatever the modifier adds. */
function correctRevenue(group: PostedRevenueGroup, decided: DecidedMoney, { revenue }: PostedData): CorrectionVerdict {
  if (revenue === undefined) return none(NO_REVENUE);
  if (revenue.micros === decided.revenueMicros) return { kind: 'unchanged' };
  if (revenue.micros > 0 || group.zeroCounts) return byRevenue(group, revenue.micros);
  const explanation = 'revenue corrected to 0, which is no conversion in this group; payout 0.00';
  return { kind: 'conversion', revenueMicros: 0, payoutMicros: 0, ruleIndex: null, explanation };
}

function byRevenue(group: PostedRevenueGroup, revenueMicros: number): Conversion {
  const payout = applyPayoutModifier(parsePayoutModifier(group.payoutModifier), revenueMicros);
  const explanation = `revenue ${formatMoney(revenueMicros)} posted; ${payout.explanation}`;
  return { kind: 'conversion', revenueMicros, payoutMicros: payout.micros, ruleIndex: null, explanation };
}

function byTrigger(group: TriggerGroup, index: number): Conversion {
  const trigger = group.triggers[index]!;
  return staticMoney(trigger, index, `trigger "${trigger.text}" (${trigger.mode}) found`);
}

function staticMoney(
  { revenue, payout }: { readonly revenue: string; readonly payout: string },
  ruleIndex: number,
  explanation: string,
): Conversion {
  return {
    kind: 'conversion',
    revenueMicros: parseMoney(revenue),
    payoutMicros: parseMoney(payout),
    ruleIndex,
    explanation,
  };
}
