import type { ExpectedCall } from './scenario.ts';
import type { ReceivedWebhook } from './webhook-receiver.ts';

/** What became of a call: as the service's API tells it, and the webhooks that really came. */
export interface CallReport {
  readonly buyer: string;
  readonly answerTime: string | null;
  readonly endTime: string | null;
  readonly connectedSeconds: number | null;
  readonly revenue: string;
  readonly payout: string;
  readonly state: string;
  readonly late: boolean;
  /** Triggers in the order of the alphabet. */
  readonly webhooks: readonly string[];
}

export async function fetchReport(
  http: string,
  uuid: string,
  received: readonly ReceivedWebhook[],
): Promise<CallReport> {
  const response = await fetch(`${http}/api/v1/calls/${uuid}`);
  if (!response.ok) throw new Error(`GET /api/v1/calls/${uuid} answered ${response.status}`);
  const call = (await response.json()) as Record<string, string> & { late: boolean; connected_seconds: number | null };
  return {
    buyer: call['buyer_id'] ?? '',
    answerTime: call['answer_time'] ?? null,
    endTime: call['end_time'] ?? null,
    connectedSeconds: call.connected_seconds,
    revenue: call['revenue'] ?? '',
    payout: call['payout'] ?? '',
    state: call['status'] ?? '',
    late: call.late,
    webhooks: received
      .filter(({ callUuid }) => callUuid === uuid)
      .map(({ trigger }) => trigger)
      .sort(),
  };
}

/** Where a call is not as it should be; empty if it is. */
export function problemsOf(report: CallReport, expected: ExpectedCall): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const actual = report[name as keyof CallReport];
    if (JSON.stringify(actual) === JSON.stringify(value)) return [];
    return [`${name} is ${JSON.stringify(actual)}, should be ${JSON.stringify(value)}`];
  });
}
