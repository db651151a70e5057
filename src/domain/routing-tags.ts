import type { Campaign, Publisher } from './account.ts';
import type { CallTag } from './call-tag.ts';
import { type TagValues, tagValues } from './tag-match.ts';

/** The tags that routes are matched with: the call's own and those carried, and what the system knows by then (semantics §4). */
export function routingTags(
  tags: readonly CallTag[],
  campaign: Pick<Campaign, 'id'>,
  publisher: Pick<Publisher, 'id'> | undefined,
): TagValues {
  const system = [{ name: 'system_campaign_id', value: campaign.id }];
  if (publisher !== undefined) system.push({ name: 'system_publisher_id', value: publisher.id });
  return tagValues([...tags, ...system]);
}
