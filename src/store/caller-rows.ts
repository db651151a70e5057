import type { EarlierCall } from '../domain/earlier-call.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';

/** Nobody calls that often within the days a rule looks at; a number that does is no single caller. */
const MOST_EARLIER_CALLS = 100;

/** Whose calls, answered since when. */
interface CallerSince {
  readonly callerNumber: string;
  readonly since: number;
}

const answered = statement<CallerSince>()((db, value) =>
  db
    .selectFrom('calls')
    .select(['uuid', 'campaign_id', 'buyer_id', 'answered_at', 'state'])
    .where('caller_number', '=', value.callerNumber)
    .where('answered_at', 'is not', null)
    .where('answered_at', '>', value.since)
    .where('buyer_id', 'is not', null)
    .orderBy('answered_at', 'desc')
    .limit(MOST_EARLIER_CALLS),
);

/** An earlier call that can be asked for more. */
export type EarlierCallRow = EarlierCall & { readonly uuid: string };

/** Calls of this caller that buyers answered, newest first, at most a hundred. */
export async function callsOfCaller(context: OperationContext, input: CallerSince): Promise<EarlierCallRow[]> {
  const rows = await answered.all(context, input);
  return rows.map(({ uuid, campaign_id, buyer_id, answered_at, state }) => ({
    uuid,
    campaignId: campaign_id,
    buyerId: buyer_id ?? '',
    answeredAt: answered_at ?? 0,
    converted: state === 'converted',
  }));
}
