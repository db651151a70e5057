import type { Account, Campaign } from '../../src/domain/account.ts';
import type { Cap } from '../../src/domain/buyer.ts';
import { newUuid } from '../../src/domain/ids.ts';
import { aBuyer, aCampaign, anAccount } from './account-builders.ts';
import type { CallStore } from './databases.ts';

/** A campaign whose every answered call converts at its end, and buyers with these caps. */
export function accountWithCaps(
  caps: Readonly<Record<string, readonly Cap[]>>,
  campaign: Partial<Campaign> = {},
): Account {
  const buyers = Object.entries(caps).map(([id, its]) => aBuyer(id, { caps: its, timeZone: 'America/New_York' }));
  const steps = [{ seconds: 0, revenue: '20', payout: '10' }];
  const pays = { id: 'duration', name: 'Duration', kind: 'duration', matches: [], dedupeSeconds: 0, steps } as const;
  return anAccount({ buyers, campaigns: [aCampaign({ conversionGroups: [pays], ...campaign })] });
}

export const concurrent = (limit: number): Cap => ({ per: 'concurrent', limit, counts: 'connections' });

export interface ReservingPlan {
  readonly now: number;
  readonly caller?: string;
  readonly nodeId?: string;
  readonly historyDays?: number;
  readonly campaignId?: string;
}

/** A call that asks for lines of buyers, as telephony does. */
export class ReservingCall {
  readonly uuid: string;
  readonly #store: CallStore;
  readonly #plan: Required<ReservingPlan>;
  #seq = 0;

  constructor(store: CallStore, plan: ReservingPlan) {
    this.#store = store;
    this.#plan = { caller: '+14155550001', nodeId: 'node-1', historyDays: 0, campaignId: 'campaign', ...plan };
    this.uuid = newUuid(plan.now);
  }

  begin(tags: readonly { name: string; value: string; source: 'number' }[] = []) {
    const { nodeId, caller: callerNumber, historyDays: callerHistoryDays, campaignId, now } = this.#plan;
    const ids = { uuid: this.uuid, keyVersion: 1, nodeId, carrierId: 'carrier', campaignId };
    const sip = { dialedNumber: '+18005550100', callerNumber, sipCallId: `${this.uuid}@carrier` };
    return this.#store.beginCall({ ...ids, ...sip, tags, callerHistoryDays, now });
  }

  reserve(candidates: readonly (readonly string[])[], now = this.#plan.now) {
    return this.#store.reserveBuyers({ callUuid: this.uuid, nodeId: this.#plan.nodeId, candidates, now });
  }

  async dial(buyerId: string | undefined, now = this.#plan.now): Promise<void> {
    this.#seq += 1;
    await this.#store.beginAttempt({ ...this.#attempt(buyerId), now });
  }

  async answer(buyerId: string | undefined, now = this.#plan.now): Promise<void> {
    await this.#store.recordAnswer({ ...this.#attempt(buyerId), now });
  }

  async fail(now = this.#plan.now): Promise<void> {
    await this.#store.endAttempt({ callUuid: this.uuid, seq: this.#seq, sipStatus: 486, reason: 'Busy Here', now });
  }

  release(...buyerIds: string[]) {
    return this.#store.releaseBuyers({ callUuid: this.uuid, buyerIds });
  }

  end(now = this.#plan.now, lingeringBuyerIds: readonly string[] = []) {
    const outcome = { result: 'completed', fault: 'none', reason: 'caller_hung_up' } as const;
    return this.#store.endCall({ callUuid: this.uuid, hungUpBy: 'caller', outcome, lingeringBuyerIds, now });
  }

  #attempt(buyerId: string | undefined) {
    return { callUuid: this.uuid, seq: this.#seq, buyerId, destination: `sip:${buyerId ?? 'last'}@buyer.example` };
  }
}

/** Lines of a buyer that are in use. */
export async function linesOf(store: CallStore, buyerId: string, now: number): Promise<number> {
  return (await store.buyerLoads({ buyerIds: [buyerId], now })).get(buyerId)?.lines ?? 0;
}
