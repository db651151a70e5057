import type { AnswerMapping, Campaign, Webhook } from '../../domain/account.ts';
import { validateWebhookTemplate } from '../../domain/webhook-template.ts';
import type { WebhookStateRow } from '../../store/tables.ts';
import { rfc3339 } from './rfc3339.ts';

/** Null where the call does not wait for an answer. */
function answerJson(answer: AnswerMapping | undefined) {
  return answer === undefined ? null : { tags: answer.tags, within_ms: answer.withinMs };
}

/** A webhook as it is configured, and how its endpoint is doing. */
export function webhookJson(campaign: Campaign, webhook: Webhook, state: WebhookStateRow) {
  return {
    webhook_id: webhook.id,
    campaign_id: campaign.id,
    trigger: webhook.trigger,
    method: webhook.method,
    url: webhook.url,
    trusted: webhook.trusted,
    answer: answerJson(webhook.answer),
    state: state.off_at === null ? 'on' : 'off',
    off_time: rfc3339(state.off_at),
    off_reason: state.off_reason,
    failing_since: rfc3339(state.failing_since),
    unknown_tokens: validateWebhookTemplate(webhook).unknownTokens,
  };
}
