import type { RoutingTrace } from '../domain/routing-trace.ts';
import { putRouting } from '../store/routing-rows.ts';
import type { OperationContext } from '../store/store.ts';

/** Why a call goes where it goes. */
export interface RecordRoutingInput {
  readonly callUuid: string;
  readonly trace: RoutingTrace;
  readonly now: number;
}

/** Keeps the trace with the call; a later one (more skips) takes its place (semantics §6). Throws if there is no such call. */
export async function recordRouting(
  context: OperationContext,
  { callUuid, trace, now }: RecordRoutingInput,
): Promise<void> {
  await putRouting(context, { call_uuid: callUuid, at: now, trace_json: JSON.stringify(trace) });
}
