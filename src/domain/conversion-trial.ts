import type { Campaign } from './account.ts';
import type { CallTag } from './call-tag.ts';
import { judgeDuration, judgePosted, type Verdict, windowMs } from './conversion.ts';
import type { ConversionGroup } from './conversion-group.ts';
import { AppError } from './errors.ts';
import { readPostedData } from './posted-data.ts';
import { comparableTags, compileMatches, firstUnmet, tagValues } from './tag-match.ts';

/** A call that somebody thinks of. */
export interface TrialCall {
  readonly buyerId: string | undefined;
  readonly tags: readonly CallTag[];
  /** What is posted: query string or form, without the key; undefined: nothing. */
  readonly query: string | undefined;
  readonly connectedSeconds: number;
}

/** Whether a group was asked and why it was not the one: groups after the one that fits are not asked (semantics §4). */
export interface TrialGroup {
  readonly id: string;
  readonly name: string;
  readonly fits: 'yes' | 'no' | 'not_asked';
  /** The first condition that is not met. */
  readonly unmet: string | undefined;
}

/** What the rules make of it. */
export interface ConversionTrial {
  readonly groups: readonly TrialGroup[];
  readonly group: ConversionGroup | undefined;
  readonly verdict: Verdict;
  /** How long a postback may still decide after the end of the call. */
  readonly windowSeconds: number;
}

/** Which group decides a call, and for what money: the rules of real calls, nothing stored. Throws AppError for an unreadable revenue. */
export function tryConversion(campaign: Campaign, call: TrialCall): ConversionTrial {
  const tags = comparableTags(tagValues([...tagsOf(campaign), ...systemTags(campaign, call), ...call.tags]));
  const groups: TrialGroup[] = [];
  let group: ConversionGroup | undefined;
  for (const each of campaign.conversionGroups) {
    const { id, name, matches } = each;
    const unmet = group === undefined ? firstUnmet(compileMatches(matches), tags) : undefined;
    const fits = group !== undefined ? 'not_asked' : unmet === undefined ? 'yes' : 'no';
    if (fits === 'yes') group = each;
    groups.push({ id, name, fits, unmet });
  }
  const windowSeconds = group === undefined ? 0 : windowMs(group) / 1000;
  return { groups, group, verdict: judge(group, call), windowSeconds };
}

function tagsOf({ tags }: Campaign): CallTag[] {
  return Object.entries(tags).flatMap(([name, values]) => values.map((value) => ({ name, value })));
}

function systemTags({ id }: Campaign, { buyerId }: TrialCall): CallTag[] {
  const campaign = { name: 'system_campaign_id', value: id };
  return buyerId === undefined ? [campaign] : [campaign, { name: 'system_buyer_id', value: buyerId }];
}

function judge(group: ConversionGroup | undefined, { query, connectedSeconds }: TrialCall): Verdict {
  if (group === undefined) return { kind: 'none', reason: 'no conversion group fits the call' };
  if (group.kind === 'duration') return judgeDuration(group, connectedSeconds * 1000);
  if (query === undefined) return { kind: 'none', reason: 'nothing is posted' };
  const parameters = [...new URLSearchParams(query)].filter(([name]) => name !== 'key');
  return judgePosted(group, [readPostedData(parameters, query)]);
}

/** Throws AppError naming those there are. */
export function campaignNamed(campaigns: readonly Campaign[], id: string): Campaign {
  const campaign = campaigns.find((each) => each.id === id);
  if (campaign !== undefined) return campaign;
  const known = campaigns.map((each) => each.id).join(', ') || 'none';
  throw new AppError('campaign_unknown', `there is no campaign ${id}: write one of ${known}`);
}
