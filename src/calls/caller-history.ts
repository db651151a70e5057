import type { EarlierCall } from '../domain/earlier-call.ts';
import { callsOfCaller } from '../store/caller-rows.ts';
import type { OperationContext } from '../store/store.ts';

/** Whose earlier calls, how far back. */
export interface CallerHistoryInput {
  readonly callerNumber: string;
  readonly days: number;
  readonly now: number;
}

const DAY_MS = 86_400_000;

/** The instant so many days ago. */
export function daysBefore(now: number, days: number): number {
  return now - days * DAY_MS;
}

/** Calls of this caller that buyers answered, newest first, for a dry run: reads only. */
export async function callerHistory(
  context: OperationContext,
  { callerNumber, days, now }: CallerHistoryInput,
): Promise<EarlierCall[]> {
  if (days === 0) return [];
  const calls = await callsOfCaller(context, { callerNumber, since: daysBefore(now, days) });
  return calls.map(({ uuid, ...call }) => call);
}
