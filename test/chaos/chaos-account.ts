import { testAccount } from '../support/account.ts';
import type { Buyer } from './buyers.ts';
import { TRIGGER_REVENUE } from './poster.ts';

const TRIGGERS = [
  ...['start', 'selected', 'answered', 'attempt_failed', 'no_buyer', 'ended'],
  ...['converted', 'not_converted', 'conversion_updated', 'tags_added'],
];

/** Two buyers in random order, one of them with limited lines; windows of a second, a webhook for everything. */
export function chaosAccount(buyers: readonly Buyer[], webhooks: string): object {
  const account = testAccount({
    buyers: Object.fromEntries(buyers.map(({ name, uri }) => [name, [uri]])),
    ringTimeoutSeconds: 1,
    postbackTimeoutSeconds: 1,
    buyerSettings: { A: { caps: [{ per: 'concurrent', limit: 50 }] } },
    campaignSettings: {
      routes: buyers.map(({ name }) => ({ buyer: name, priority: 1 })),
      webhooks: TRIGGERS.map((trigger) => ({
        id: trigger.replaceAll('_', '-'),
        trigger,
        method: 'GET',
        url: `${webhooks}/hook?uuid=[call_uuid]&trigger=${trigger}`,
      })),
    },
  });
  const [campaign] = account.campaigns;
  const trigger = { text: 'sale=true', mode: 'parameter', revenue: TRIGGER_REVENUE, payout: '30' };
  Object.assign(campaign!.conversion_groups[1]!, { triggers: [trigger] });
  return account;
}
