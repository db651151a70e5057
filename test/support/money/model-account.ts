import type { Account, Webhook } from '../../../src/domain/account.ts';
import type { ConversionGroup } from '../../../src/domain/conversion-group.ts';
import { aBuyer, aCampaign, anAccount } from '../account-builders.ts';

const forBuyer = (id: string) => [{ name: 'system_buyer_id', operator: '==', value: id }] as const;

/** One group of each kind, with and without window and dedupe; buyer E fits none. */
const GROUPS: readonly ConversionGroup[] = [
  {
    id: 'vip',
    name: 'Vip',
    kind: 'duration',
    matches: [{ name: 'vip', operator: '==', value: 'yes' }],
    dedupeSeconds: 0,
    steps: [
      { seconds: 30, revenue: '5', payout: '2' },
      { seconds: 90, revenue: '20', payout: '10' },
    ],
  },
  {
    id: 'share',
    name: 'Share',
    kind: 'posted_revenue',
    matches: forBuyer('A'),
    dedupeSeconds: 0,
    postbackTimeoutSeconds: 600,
    payoutModifier: '*0.8',
    zeroCounts: false,
  },
  {
    id: 'prices',
    name: 'Prices',
    kind: 'trigger',
    matches: forBuyer('B'),
    dedupeSeconds: 900,
    postbackTimeoutSeconds: 300,
    triggers: [
      { text: 'gold', mode: 'substring', revenue: '80', payout: '40' },
      { text: 'silver', mode: 'parameter', revenue: '50', payout: '30' },
    ],
  },
  {
    id: 'at once',
    name: 'At once',
    kind: 'posted_revenue',
    matches: forBuyer('D'),
    dedupeSeconds: 900,
    postbackTimeoutSeconds: 0,
    payoutModifier: '+2*0.5',
    zeroCounts: true,
  },
];

/** The account the model speaks of. */
export function modelAccount(): Account {
  const webhooks = (['ended', 'converted', 'not_converted', 'conversion_updated'] as const).map(webhook);
  const campaign = aCampaign({ id: 'auto', name: 'Auto', conversionGroups: GROUPS, webhooks });
  return anAccount({ campaigns: [campaign], buyers: ['A', 'B', 'D', 'E'].map((id) => aBuyer(id)) });
}

function webhook(trigger: Webhook['trigger']): Webhook {
  const url = 'https://hooks.example/';
  return { id: trigger, trigger, method: 'GET', url, headers: {}, body: undefined, matches: [], trusted: false };
}
