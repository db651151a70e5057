import type { SkippedBuyer } from '../../domain/routing.ts';
import type { RoutingTrace, TracedAnswer, TracedCandidate } from '../../domain/routing-trace.ts';
import type { RoutingRow } from '../../store/tables.ts';
import { rfc3339 } from './rfc3339.ts';

/** Why a call went where it went, as operators read it; null for a call that was never routed. */
export function routingJson(row: RoutingRow | undefined) {
  if (row === undefined) return null;
  const trace = JSON.parse(row.trace_json) as RoutingTrace;
  return {
    time: rfc3339(row.at),
    candidates: trace.candidates.map(candidateJson),
    candidates_left_out: trace.candidatesLeftOut,
    skipped: trace.skipped.map(skippedJson),
    skipped_left_out: trace.skippedLeftOut,
    answers: (trace.answers ?? []).map(answerJson),
  };
}

/** What a webhook told while the call waited for it. */
function answerJson({ webhookId, trigger, elapsedMs, tags, problem }: TracedAnswer) {
  return { webhook_id: webhookId, trigger, elapsed_ms: elapsedMs, tags, problem: problem ?? null };
}

export function candidateJson({ buyerIds, priority, weight, isPreviousBuyer }: TracedCandidate) {
  return { buyer_ids: buyerIds, priority, weight, previous_buyer: isPreviousBuyer === true };
}

export function skippedJson({ buyerId, reason, detail }: SkippedBuyer) {
  return { buyer_id: buyerId, reason, detail };
}
