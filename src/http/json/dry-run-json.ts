import type { DryRun } from '../../domain/dry-run.ts';
import { rfc3339 } from './rfc3339.ts';
import { candidateJson, skippedJson } from './routing-json.ts';

/** A dry run as operators and programs read it. */
export function dryRunJson(run: DryRun) {
  return {
    at: rfc3339(run.at),
    dialed_number: run.number.number,
    campaign_id: run.campaign.id,
    publisher_id: run.publisher?.id ?? null,
    caller_number: run.callerNumber ?? null,
    tags: run.tags,
    last_call: lastCallJson(run),
    candidates: run.plan.candidates.map(({ buyers, ...rest }, index) => ({
      ...candidateJson({ buyerIds: buyers.map(({ id }) => id), ...rest }),
      chance_to_be_first: run.chances[index] ?? 0,
    })),
    skipped: run.plan.skipped.map(skippedJson),
    last_resort: lastResort(run),
    unknown: Object.entries(run.isUnknown).flatMap(([what, isUnknown]) => (isUnknown ? [what] : [])),
  };
}

function lastCallJson({ lastCall }: DryRun) {
  if (lastCall === undefined) return null;
  const { campaignId, buyerId, answeredAt, converted } = lastCall;
  return { campaign_id: campaignId, buyer_id: buyerId, answer_time: rfc3339(answeredAt), converted };
}

function lastResort({ campaign: { lastResort: destination } }: DryRun): string | null {
  if (destination === undefined) return null;
  return destination.kind === 'sip' ? destination.uri : destination.number;
}
