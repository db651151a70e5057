import { daysBefore } from '../domain/days-before.ts';
import type { DryRunFacts, DryRunQuery } from '../domain/dry-run.ts';
import { callsOfCaller } from '../store/caller-rows.ts';
import { readConfiguration } from '../store/configuration.ts';
import type { OperationContext } from '../store/store.ts';
import { buyerLoads } from './buyer-loads.ts';

import { tagsToCarry } from './carry-tags.ts';

/** Everything a dry run asks of the database, as it is at one moment: reads only. */
export async function routingFacts(context: OperationContext, query: DryRunQuery): Promise<DryRunFacts> {
  const { callerNumber, historyDays: days, now } = query;
  const campaign = (await readConfiguration(context)).campaigns.get(query.campaignId);
  const since = daysBefore(now, days);
  const all = callerNumber === undefined || days === 0 ? [] : await callsOfCaller(context, { callerNumber, since });
  const earlier = all.filter(({ answeredAt }) => answeredAt <= now);
  const carried = campaign === undefined ? [] : await tagsToCarry(context, { campaign, earlier, now });
  return {
    callerHistory: earlier.map(({ uuid, ...call }) => call),
    carriedTags: carried.map(({ name, value }) => ({ name, value })),
    loads: await buyerLoads(context, query),
  };
}
