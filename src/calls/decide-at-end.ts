import { type Conversion, judgeDuration, judgePosted, type Verdict } from '../domain/conversion.ts';
import type { ConversionGroup } from '../domain/conversion-group.ts';
import { type PostedData, readPostedData } from '../domain/posted-data.ts';
import { closeWaitingPostbacks, postbacksWaitingForEnd } from '../store/postback-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, PostbackRow } from '../store/tables.ts';
import { type ChangedCall, convertCall } from './convert-call.ts';
import { declineCall } from './decline-call.ts';

/**
 * The call has just ended: what is known decides at once, or the window that was opened goes on. Postbacks that came
 * during the call count from now (semantics §5).
 */
export async function decideAtEnd(
  context: OperationContext,
  ended: CallRow,
  group: ConversionGroup | undefined,
  now: number,
): Promise<ChangedCall> {
  const waiting = newestLast(await postbacksWaitingForEnd(context, ended.uuid), ended);
  const posted = waiting.map(postedData);
  const verdict = judge(ended, group, posted);
  const changed = await apply(context, ended, { group, verdict, now });
  if (waiting.length > 0) {
    const found = verdict.kind === 'conversion' ? verdict.explanation : verdict.reason;
    const isPaid = changed.call.state === 'converted' && group !== undefined && verdict.kind === 'conversion';
    const deciding = isPaid
      ? waiting[posted.findLastIndex((each) => isSame(judgePosted(group, [each]), verdict))]
      : undefined;
    const reason = `applied at the end of the call: ${found}`;
    await closeWaitingPostbacks(context, { uuid: ended.uuid, reason, decidingId: deciding?.id ?? '' });
  }
  return changed;
}

/** The call knows which revenue came last, also when the clock was set back between two of them. */
function newestLast(waiting: readonly PostbackRow[], { postback_value: newest }: CallRow): PostbackRow[] {
  const isNewest = (row: PostbackRow) => newest !== null && postedData(row).revenue?.text === newest;
  return [...waiting.filter((row) => !isNewest(row)), ...waiting.filter(isNewest)];
}

/** True for the postback that, taken alone, says what was decided. */
function isSame(verdict: Verdict, decided: Conversion): boolean {
  if (verdict.kind !== 'conversion') return false;
  return verdict.revenueMicros === decided.revenueMicros && verdict.ruleIndex === decided.ruleIndex;
}

/** What the rule of the group says now; later postbacks may say otherwise. */
function judge(call: CallRow, group: ConversionGroup | undefined, posted: readonly PostedData[]): Verdict {
  if (call.answered_at === null || call.ended_at === null) return { kind: 'none', reason: 'the call was not answered' };
  if (call.buyer_id === null) return { kind: 'none', reason: 'the last resort took the call: nobody pays for it' };
  if (group === undefined) return { kind: 'none', reason: 'no conversion group fits the call' };
  return group.kind === 'duration'
    ? judgeDuration(group, call.ended_at - call.answered_at)
    : judgePosted(group, posted);
}

interface Decision {
  readonly group: ConversionGroup | undefined;
  readonly verdict: Verdict;
  readonly now: number;
}

/** Without a window the absence of a conversion is a decision too. */
async function apply(
  context: OperationContext,
  ended: CallRow,
  { group, verdict, now }: Decision,
): Promise<ChangedCall> {
  let changed: ChangedCall | undefined = { call: ended, enqueued: 0 };
  if (group !== undefined && verdict.kind === 'conversion') {
    const source =
      group.kind === 'duration'
        ? ({ actor: 'duration', postedValue: null, now } as const)
        : ({ actor: 'postback', postedValue: ended.postback_value, now } as const);
    changed = (await convertCall(context, ended, { group, conversion: verdict }, source)) ?? changed;
  }
  if (changed.call.state !== 'pending' || changed.call.window_ends_at !== null) return changed;
  return (await declineCall(context, changed.call, now)) ?? changed;
}

/** What was posted, as it was read when it came: only readable requests wait. */
function postedData({ parameters_json, raw_text }: PostbackRow): PostedData {
  return readPostedData(JSON.parse(parameters_json), raw_text);
}
