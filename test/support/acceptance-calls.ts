import type { ApplyPostbackInput } from '../../src/calls/apply-postback.ts';
import type { PostbackAnswer } from '../../src/calls/postback-answer.ts';
import { type Account, type Campaign, WEBHOOK_TRIGGERS, type Webhook } from '../../src/domain/account.ts';
import type { ConversionGroup } from '../../src/domain/conversion-group.ts';
import { newUuid } from '../../src/domain/ids.ts';
import { aBuyer, aCampaign, anAccount } from './account-builders.ts';
import type { CallStore } from './databases.ts';

/** The end of the call in the acceptance table (semantics §9). */
export const T0 = Date.parse('2026-03-01T12:00:00Z');
export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;

export const POSTED_REVENUE: ConversionGroup = {
  id: 'group-1',
  name: 'Posted revenue',
  kind: 'posted_revenue',
  matches: [{ name: 'system_buyer_id', operator: '==', value: 'A' }],
  dedupeSeconds: 0,
  postbackTimeoutSeconds: 600,
  payoutModifier: '*0.8',
  zeroCounts: false,
};

export const TRIGGER: ConversionGroup = {
  id: 'group-2',
  name: 'Trigger',
  kind: 'trigger',
  matches: [{ name: 'system_buyer_id', operator: '==', value: 'B' }],
  dedupeSeconds: 0,
  postbackTimeoutSeconds: 600,
  triggers: [{ text: 'sale=true', mode: 'parameter', revenue: '50', payout: '30' }],
};

export const DURATION: ConversionGroup = {
  id: 'group-3',
  name: 'Duration',
  kind: 'duration',
  matches: [],
  dedupeSeconds: 0,
  steps: [{ seconds: 90, revenue: '20', payout: '10' }],
};

/** The campaign of the acceptance table, with one webhook for each trigger, named after it. */
export function acceptanceAccount(changes: Partial<Campaign> = {}): Account {
  const campaign = aCampaign({
    id: 'auto',
    name: 'Auto',
    conversionGroups: [POSTED_REVENUE, TRIGGER, DURATION],
    webhooks: WEBHOOK_TRIGGERS.map(webhookFor),
    ...changes,
  });
  const buyers = ['A', 'B', 'C'].map((id) => aBuyer(id, { name: `Buyer ${id}` }));
  const publishers = [{ id: 'radio', name: 'Radio', tags: {} }];
  return anAccount({ publishers, buyers, campaigns: [campaign] });
}

function webhookFor(trigger: Webhook['trigger']): Webhook {
  const url = 'https://hooks.example/[call_uuid]';
  return { id: trigger, trigger, method: 'GET', url, headers: {}, body: undefined, matches: [], trusted: false };
}

export interface CallPlan {
  readonly buyer: string;
  readonly talkedSeconds?: number;
  readonly caller?: string;
  readonly endsAt?: number;
  /** Of a call that is there already, e.g. after a restart. */
  readonly uuid?: string;
  /** `radio` unless told. */
  readonly publisherId?: string;
}

const HUNG_UP = { result: 'completed', fault: 'none', reason: 'buyer_hung_up' } as const;

/** A call of the acceptance campaign, driven as telephony drives it. */
export class AcceptanceCall {
  readonly uuid: string;
  readonly #store: CallStore;
  readonly #plan: Required<Omit<CallPlan, 'uuid'>>;

  constructor(store: CallStore, plan: CallPlan) {
    this.#store = store;
    this.#plan = { talkedSeconds: 60, caller: '+14155550001', endsAt: T0, publisherId: 'radio', ...plan };
    this.uuid = plan.uuid ?? newUuid(this.#startedAt);
  }

  get #startedAt(): number {
    return this.#plan.endsAt - (this.#plan.talkedSeconds + 5) * SECOND;
  }

  async begin(): Promise<void> {
    await this.#store.beginCall({
      uuid: this.uuid,
      keyVersion: 1,
      nodeId: 'node-1',
      carrierId: 'carrier',
      campaignId: 'auto',
      publisherId: this.#plan.publisherId,
      dialedNumber: '+18005550100',
      callerNumber: this.#plan.caller,
      sipCallId: `${this.uuid}@carrier`,
      tags: [{ name: 'channel', value: 'radio', source: 'publisher' }],
      callerHistoryDays: 0,
      now: this.#startedAt,
    });
  }

  async dial(seq = 1, buyer = this.#plan.buyer): Promise<void> {
    const destination = `sip:${buyer}@buyer.example`;
    const now = this.#startedAt + SECOND;
    await this.#store.beginAttempt({ callUuid: this.uuid, seq, buyerId: buyer, destination, now });
  }

  /** The buyer's 200 is noted; the caller has not been told. */
  async noteAnswer(): Promise<void> {
    await this.#store.noteAnswer({ callUuid: this.uuid, seq: 1, ...this.#answer });
  }

  /** The caller left while the buyer answered. */
  async dropped(): Promise<void> {
    const { now } = this.#answer;
    await this.#store.endAttempt({ callUuid: this.uuid, seq: 1, sipStatus: 487, reason: 'cancelled', now });
  }

  get #answer() {
    const { buyer, endsAt, talkedSeconds } = this.#plan;
    const destination = `sip:${buyer}@buyer.example`;
    return { buyerId: buyer, destination, now: endsAt - talkedSeconds * SECOND };
  }

  async answer(seq = 1): Promise<void> {
    await this.#store.recordAnswer({ callUuid: this.uuid, seq, ...this.#answer });
  }

  /** Rings, is answered, and is running now. */
  async connect(): Promise<this> {
    await this.begin();
    await this.dial();
    await this.answer();
    return this;
  }

  end() {
    const { endsAt: now } = this.#plan;
    return this.#store.endCall({ callUuid: this.uuid, hungUpBy: 'buyer', sipStatus: 200, outcome: HUNG_UP, now });
  }

  /** `set_value` with this query, without the key. */
  post(query: string, now: number, changes: Partial<ApplyPostbackInput> = {}): Promise<PostbackAnswer> {
    return this.#store.applyPostback({ ...this.#request(query, now), rawText: query, ...changes });
  }

  addTags(query: string, now: number): Promise<PostbackAnswer> {
    return this.#store.addTags(this.#request(query, now));
  }

  #request(query: string, now: number) {
    const parameters = [...new URLSearchParams(query)];
    return { uuid: this.uuid, method: 'GET', sourceAddress: '203.0.113.7', parameters, now };
  }

  async record() {
    const record = await this.#store.getCall({ uuid: this.uuid });
    if (record === undefined) throw new Error(`no call ${this.uuid}`);
    return record;
  }

  /** Post-call webhooks that were fired, with the seconds after T0 at which they were. */
  async fired(): Promise<string[]> {
    const { deliveries } = await this.record();
    return deliveries
      .filter(({ trigger }) => POST_CALL.has(trigger))
      .map(({ trigger, created_at }) => `${trigger} T0+${(created_at - T0) / SECOND}`);
  }

  /** `converted 10.00/8.00`: state and money of the row. */
  async money(): Promise<string> {
    const { call } = await this.record();
    const amount = (micros: number) => (micros / 1e6).toFixed(2);
    return `${call.state} ${amount(call.revenue_micros)}/${amount(call.payout_micros)}`;
  }
}

const POST_CALL: ReadonlySet<string> = new Set(['ended', 'converted', 'not_converted', 'conversion_updated']);

/** A call that ended at T0 (or as planned) after this buyer had answered. */
export async function endedCall(store: CallStore, plan: CallPlan): Promise<AcceptanceCall> {
  const call = await new AcceptanceCall(store, plan).connect();
  await call.end();
  return call;
}
