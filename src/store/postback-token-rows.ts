import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { PostbackTokenRow } from './tables.ts';

const byId = statement<{ id: string }>()((db, value) =>
  db.selectFrom('postback_tokens').selectAll().where('id', '=', value.id),
);

/** A partner's postback URL. */
export function findPostbackToken(context: OperationContext, id: string): Promise<PostbackTokenRow | undefined> {
  return byId.first(context, { id });
}

/** Whose newest call is looked for. */
interface CallerOfPartner {
  readonly campaignId: string;
  readonly buyerId: string;
  readonly callerNumber: string;
  readonly since: number;
}

/** A number that stands for more people than that is no way to tell a call. */
const MOST_CALLS_OF_CALLER = 500;

/** The caller's calls are read first: by the index of the buyer it would be all of that buyer's calls. */
const newestOfCaller = statement<CallerOfPartner>()((db, value) =>
  db
    .selectFrom((inner) =>
      inner
        .selectFrom('calls')
        .select(['uuid', 'campaign_id', 'buyer_id', 'answered_at'])
        .where('caller_number', '=', value.callerNumber)
        .where('answered_at', 'is not', null)
        .where('answered_at', '>=', value.since)
        .orderBy('answered_at', 'desc')
        .limit(MOST_CALLS_OF_CALLER)
        .as('of_caller'),
    )
    .select('uuid')
    .where('campaign_id', '=', value.campaignId)
    .where('buyer_id', '=', value.buyerId)
    .orderBy('answered_at', 'desc')
    .limit(1),
);

/** The newest call of this caller that the partner answered, by index. */
export async function findNewestCallOfCaller(
  context: OperationContext,
  input: CallerOfPartner,
): Promise<string | undefined> {
  return (await newestOfCaller.first(context, input))?.uuid;
}
