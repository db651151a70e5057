import type { Request } from 'express';
import type { CallFilter, FilterColumn } from '../calls/search-calls.ts';
import { HttpProblem } from './problem.ts';
import { instantOf } from './query-values.ts';

/** Parameter → column, where they are not named the same (`status` is what the rest of the API calls the state). */
const COLUMNS: Readonly<Record<string, FilterColumn>> = {
  campaign_id: 'campaign_id',
  publisher_id: 'publisher_id',
  buyer_id: 'buyer_id',
  carrier_id: 'carrier_id',
  dialed_number: 'dialed_number',
  caller_number: 'caller_number',
  status: 'state',
  outcome: 'outcome',
};
const STATES = ['open', 'pending', 'converted', 'not_converted'];
const LONGEST_VALUE = 255;

/** The filters of a list of calls; `others` are parameters with another meaning. Throws HttpProblem for anything else. */
export function readCallFilter(req: Request, others: readonly string[]): CallFilter {
  const columns: Partial<Record<FilterColumn, string>> = {};
  let filter: Omit<CallFilter, 'columns'> = {};
  for (const [name, value] of new URLSearchParams(req.url.split('?')[1] ?? '')) {
    const column = COLUMNS[name];
    if (others.includes(name)) continue;
    if (name === 'from' || name === 'to') filter = { ...filter, [name]: instantOf(name, value) };
    else if (name === 'tag') filter = { ...filter, tag: tag(value) };
    else if (column === undefined) throw unknownParameter(name, others);
    else columns[column] = text(name, value);
  }
  return { ...filter, columns };
}

function unknownParameter(name: string, others: readonly string[]): HttpProblem {
  const known = [...Object.keys(COLUMNS), 'from', 'to', 'tag', ...others].sort().join(', ');
  return new HttpProblem('query_invalid', `${name} is not a parameter of this list: use ${known}.`);
}

function text(name: string, value: string): string {
  if (value === '' || value.length > LONGEST_VALUE)
    throw new HttpProblem('query_invalid', `${name} must have a value.`);
  if (name === 'status' && !STATES.includes(value)) {
    throw new HttpProblem('query_invalid', `status must be one of ${STATES.join(', ')}.`);
  }
  return value;
}

function tag(value: string): { name: string; value: string } {
  const [, name, wanted] = /^([^:]{1,64}):(.{1,255})$/s.exec(value) ?? [];
  if (name === undefined || wanted === undefined) {
    throw new HttpProblem('query_invalid', 'tag must be a name and a value like state:CA.');
  }
  return { name, value: wanted };
}
