/** Settings of the account that the call tests use; what is not given is left out. */
export interface TestAccount {
  /** SIP URIs of each buyer's destinations, dialled in this order. */
  readonly buyers: Readonly<Record<string, readonly string[]>>;
  readonly ringTimeoutSeconds?: number;
  /** Where webhooks go; each trigger gets one of its own. */
  readonly webhooks?: string;
  readonly postbackTimeoutSeconds?: number;
  /** More settings of buyers, as in the account file. */
  readonly buyerSettings?: Readonly<Record<string, object>>;
  /** More settings of the campaign, as in the account file; `routes` replaces one route per buyer, in order. */
  readonly campaignSettings?: object;
}

export const NUMBER = '+18005550100';

/** The account of the acceptance table (semantics §9): A by posted revenue `*0.8`, B by trigger 50/30, others by duration. */
export function testAccount(settings: TestAccount) {
  const { buyers, ringTimeoutSeconds = 10, webhooks, postbackTimeoutSeconds = 600 } = settings;
  const url = `${webhooks}/hook?uuid=[call_uuid]&buyer=[system_buyer_id]&revenue=[revenue]&payout=[payout]&status=[status]&late=[late]`;
  return {
    carriers: [{ id: 'carrier', name: 'Carrier', addresses: ['127.0.0.1'] }],
    publishers: [{ id: 'radio', name: 'Radio', tags: { channel: 'radio' } }],
    buyers: Object.entries(buyers).map(([id, destinations]) => ({
      id,
      name: `Buyer ${id}`,
      destinations,
      ring_timeout_seconds: ringTimeoutSeconds,
      ...settings.buyerSettings?.[id],
    })),
    campaigns: [
      {
        id: 'auto',
        name: 'Auto',
        routes: Object.keys(buyers).map((buyer, index) => ({ buyer, priority: index + 1 })),
        conversion_groups: [
          {
            id: 'group-1',
            name: 'Posted revenue',
            kind: 'posted_revenue',
            matches: ['system_buyer_id==A'],
            payout_modifier: '*0.8',
            postback_timeout_seconds: postbackTimeoutSeconds,
          },
          {
            id: 'group-2',
            name: 'Trigger',
            kind: 'trigger',
            matches: ['system_buyer_id==B'],
            triggers: [{ text: 'sale=true', mode: 'parameter', revenue: '50', payout: '30' }],
            postback_timeout_seconds: postbackTimeoutSeconds,
          },
          { id: 'group-3', name: 'Duration', kind: 'duration', steps: [{ seconds: 1, revenue: '20', payout: '10' }] },
        ],
        webhooks:
          webhooks === undefined
            ? []
            : ['answered', 'ended', 'converted', 'not_converted'].map((trigger) => ({
                id: trigger,
                trigger,
                method: 'GET',
                url: `${url}&trigger=${trigger}`,
              })),
        ...settings.campaignSettings,
      },
    ],
    numbers: [{ number: NUMBER, campaign: 'auto', publisher: 'radio' }],
  };
}
