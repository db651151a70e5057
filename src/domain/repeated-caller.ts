import type { RepeatCallerRule } from './account.ts';
import type { Buyer } from './buyer.ts';
import { daysBefore } from './days-before.ts';
import type { EarlierCall } from './earlier-call.ts';

/** System tag, `true`, of a call whose caller has talked to a buyer of the campaign within the days of its rule. */
export const REPEAT_TAG_NAME = 'system_repeat';

/** What the rules about repeated callers ask of a caller's earlier calls (semantics §6). */
export class RepeatedCaller {
  readonly #connected = new Map<string, EarlierCall>();
  readonly #converted = new Map<string, EarlierCall>();
  readonly #inCampaign = new Map<string, EarlierCall>();
  readonly #now: number;

  /** `calls`: newest first. Repeat callers are those of this campaign, duplicates those of a buyer in any. */
  constructor(calls: readonly EarlierCall[], campaignId: string, rule: RepeatCallerRule, now: number) {
    this.#now = now;
    for (const call of calls) {
      keepFirst(this.#connected, call);
      if (call.converted) keepFirst(this.#converted, call);
      const counts = rule.mode !== 'off' && call.campaignId === campaignId;
      if (counts && isWithin(call, rule.withinDays, now)) keepFirst(this.#inCampaign, call);
    }
  }

  /** Buyers who had this caller in this campaign lately, newest call first; none when the rule is off. */
  get previousBuyerIds(): readonly string[] {
    return [...this.#inCampaign.keys()];
  }

  /** Why a buyer who has had this caller is not given it again; undefined when it has not. */
  whyNotNew(buyerId: string): string | undefined {
    const call = this.#inCampaign.get(buyerId);
    return call && `had this caller on ${when(call)}, and repeat callers go to a new buyer`;
  }

  /** Why the buyer's own rule refuses this caller, or undefined. */
  whyDuplicate({ id, duplicateRule }: Pick<Buyer, 'id' | 'duplicateRule'>): string | undefined {
    if (duplicateRule === undefined) return undefined;
    const { after, withinDays } = duplicateRule;
    const call = (after === 'connected' ? this.#connected : this.#converted).get(id);
    if (call === undefined || !isWithin(call, withinDays, this.#now)) return undefined;
    return `${after} with this caller on ${when(call)}, less than ${days(withinDays)} ago`;
  }
}

function keepFirst(calls: Map<string, EarlierCall>, call: EarlierCall): void {
  if (!calls.has(call.buyerId)) calls.set(call.buyerId, call);
}

function isWithin({ answeredAt }: EarlierCall, withinDays: number, now: number): boolean {
  return answeredAt > daysBefore(now, withinDays);
}

function when({ answeredAt }: EarlierCall): string {
  return `${new Date(answeredAt).toISOString().slice(0, 16)}Z`;
}

function days(count: number): string {
  return count === 1 ? 'a day' : `${count} days`;
}
