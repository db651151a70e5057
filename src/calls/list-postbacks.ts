import type { OperationContext } from '../store/store.ts';
import type { PostbackEffect, PostbackRow, StrayPostbackRow } from '../store/tables.ts';

/** A page of a campaign's postback log. */
export interface ListPostbacksInput {
  readonly campaignId: string;
  /** `yes`: moved money; `no`: arrived but converted nothing; undefined: all. */
  readonly converted?: 'yes' | 'no' | undefined;
  readonly limit: number;
  /** id of the last one of the page before. */
  readonly before?: string | undefined;
}

export type ListedPostback =
  | { readonly kind: 'of_call'; readonly row: PostbackRow }
  | { readonly kind: 'stray'; readonly row: StrayPostbackRow };

const EFFECTS: Readonly<Record<'yes' | 'no' | 'all', readonly PostbackEffect[]>> = {
  yes: ['money'],
  no: ['none'],
  all: ['money', 'none', 'same', 'tags', 'waiting'],
};

/** Newest first; each effect is read by index, a page of it, whatever else the log holds. */
export async function listPostbacks(context: OperationContext, input: ListPostbacksInput): Promise<ListedPostback[]> {
  const listed: ListedPostback[] = [];
  for (const effect of EFFECTS[input.converted ?? 'all']) {
    for (const row of await ofEffect(context, input, effect)) listed.push({ kind: 'of_call', row });
  }
  if (input.converted !== 'yes') for (const row of await strays(context, input)) listed.push({ kind: 'stray', row });
  return listed.sort((a, b) => (a.row.id < b.row.id ? 1 : -1)).slice(0, input.limit);
}

function ofEffect({ db }: OperationContext, input: ListPostbacksInput, effect: PostbackEffect): Promise<PostbackRow[]> {
  const { campaignId, limit, before } = input;
  const page = db
    .selectFrom('postbacks')
    .selectAll()
    .where('campaign_id', '=', campaignId)
    .where('effect', '=', effect)
    .orderBy('id', 'desc')
    .limit(limit);
  return (before === undefined ? page : page.where('id', '<', before)).execute();
}

function strays(
  { db }: OperationContext,
  { campaignId, limit, before }: ListPostbacksInput,
): Promise<StrayPostbackRow[]> {
  const page = db
    .selectFrom('stray_postbacks')
    .selectAll()
    .where('campaign_id', '=', campaignId)
    .orderBy('id', 'desc')
    .limit(limit);
  return (before === undefined ? page : page.where('id', '<', before)).execute();
}
