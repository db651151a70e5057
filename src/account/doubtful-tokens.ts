import type { Account, Webhook } from '../domain/account.ts';
import { validateWebhookTemplate } from '../domain/webhook-template.ts';
import type { Logger } from '../log.ts';

/** Tokens of one webhook that may be misspelt. */
export interface DoubtfulTokens {
  readonly webhookId: string;
  readonly tokens: readonly string[];
}

/**
 * Tokens that are neither fixed names (semantics §8) nor tags that the account gives anywhere. Buyers may still post tags of
 * such names, so they are worth a warning, no more.
 */
export function doubtfulTokens(account: Account): DoubtfulTokens[] {
  const webhooks = account.campaigns.flatMap((campaign) => campaign.webhooks);
  const known = new Set([...configuredTags(account), ...answeredTags(webhooks)]);
  return webhooks.flatMap((webhook) => {
    const tokens = validateWebhookTemplate(webhook).unknownTokens.filter((name) => !known.has(name));
    return tokens.length === 0 ? [] : [{ webhookId: webhook.id, tokens }];
  });
}

/** Says so in the log. */
export function warnOfDoubtfulTokens(account: Account, log: Logger): void {
  for (const { webhookId, tokens } of doubtfulTokens(account)) {
    log.warn(
      { webhookId, tokens },
      'webhook has tokens nothing is known to fill: they are empty unless a tag of that name comes',
    );
  }
}

function configuredTags({ campaigns, publishers, numbers }: Account): string[] {
  return [...campaigns, ...publishers, ...numbers].flatMap(({ tags }) => Object.keys(tags));
}

function answeredTags(webhooks: readonly Webhook[]): string[] {
  return webhooks.flatMap(({ answer }) => Object.keys(answer?.tags ?? {}));
}
