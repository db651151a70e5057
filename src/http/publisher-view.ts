import type { CallFilter, FilterColumn } from '../calls/search-calls.ts';
import { CALLER_NUMBER_GRANT, type PublisherView } from '../domain/access.ts';
import { HttpProblem } from './problem.ts';

/** What a publisher may look for: a filter on what it is not shown would tell it all the same. */
const SEARCHABLE: readonly FilterColumn[] = ['campaign_id', 'publisher_id', 'dialed_number', 'state'];

/** The filter, narrowed to the publisher's own calls. Throws HttpProblem for what it may not ask. */
export function narrowedTo(publisher: PublisherView | undefined, filter: CallFilter): CallFilter {
  if (publisher === undefined) return filter;
  const { publisherId, grants } = publisher;
  for (const column of Object.keys(filter.columns) as FilterColumn[]) {
    const isGranted = column === 'caller_number' && grants.includes(CALLER_NUMBER_GRANT);
    if (!SEARCHABLE.includes(column) && !isGranted) throw refused(column);
  }
  if (filter.tag !== undefined && !grants.includes(filter.tag.name)) throw refused(`the tag ${filter.tag.name}`);
  return { ...filter, columns: { ...filter.columns, publisher_id: ownId(publisherId, filter.columns.publisher_id) } };
}

/** Its own id, whatever else was asked for is refused. */
export function ownId(publisherId: string, asked: string | undefined): string {
  if (asked === undefined || asked === publisherId) return publisherId;
  throw refused(`another publisher's calls`);
}

function refused(what: string): HttpProblem {
  return new HttpProblem('scope_missing', `Your token does not show ${what}.`);
}
