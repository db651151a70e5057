import { judgeCorrection, judgePosted, type Verdict } from '../domain/conversion.ts';
import type { ConversionGroup } from '../domain/conversion-group.ts';
import { AppError } from '../domain/errors.ts';
import type { PostedData } from '../domain/posted-data.ts';
import { parsePostedRevenue } from '../domain/posted-revenue.ts';
import { changeCall } from '../store/call-rows.ts';
import { findDecidingRow } from '../store/ledger-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, MoneyState } from '../store/tables.ts';
import { convertCall } from './convert-call.ts';
import { correctCall } from './correct-call.ts';
import type { MoneySource } from './ledger-entry.ts';
import type { PostbackStatus } from './postback-answer.ts';
import { requireCall } from './require-call.ts';

/** What posted data did to its call. */
export interface AppliedData {
  readonly call: CallRow;
  readonly status: PostbackStatus;
  readonly reason?: string;
  readonly enqueued: number;
  /** It counts at the end of the call, which still runs. */
  readonly waitsForEnd: boolean;
}

/** When the postback came, and what still counts as in time. */
interface Timing {
  readonly now: number;
  /** How long after the decision a sale still counts. */
  readonly lateLimitMs: number;
}

/** Undefined: somebody else changed the call meanwhile, look again. */
type Apply = (
  context: OperationContext,
  call: CallRow,
  posted: PostedData,
  timing: Timing,
) => Promise<AppliedData | undefined>;

/** Each loss of a compare-and-set means that another change got through. */
const MOST_RACES = 10;

/** Applies posted data to a call in whatever money state it is (semantics §5). */
export async function applyPostedData(
  context: OperationContext,
  found: CallRow,
  posted: PostedData,
  timing: Timing,
): Promise<AppliedData> {
  let call = found;
  for (let race = 0; race < MOST_RACES; race += 1) {
    const applied = await BY_STATE[call.state](context, call, posted, timing);
    if (applied !== undefined) return applied;
    call = await requireCall(context, call.uuid);
  }
  throw new AppError('call_contended', `call ${call.uuid} is being changed by too many others: try again`);
}

/** The value is written in any case: that makes this postback and the end of the call see each other. */
const waitForEnd: Apply = async (context, running, posted) => {
  const call = await changeCall(context, running, { postback_value: valueAfter(posted, running) });
  const reason = 'the call still runs; the postback is applied at its end';
  return call && { call, status: 'recorded', reason, enqueued: 0, waitsForEnd: true };
};

/** In the window, or late: a sale makes the call a conversion. */
const tryToConvert: Apply = async (context, call, posted, timing) => {
  const group = groupOf(call);
  const verdict = judge(call, group, posted, timing);
  if (group === undefined || verdict.kind === 'none') {
    return keepValue(context, call, posted, { status: 'recorded', reason: reasonOf(verdict) });
  }
  const source = sourceOf(posted, timing);
  const changed = await convertCall(context, call, { group, conversion: verdict }, source);
  if (changed === undefined) return undefined;
  if (changed.call.state === 'converted') {
    return { ...changed, status: 'converted', ...(changed.call.late === 1 ? LATE : {}), waitsForEnd: false };
  }
  const status = call.duplicate === 1 && isSameValue(call, posted) ? 'unchanged' : 'duplicate';
  return { ...changed, status, reason: DUPLICATE, waitsForEnd: false };
};

/** After a conversion: new money, the same again, or nothing. */
const tryToCorrect: Apply = async (context, call, posted, { now }) => {
  const group = groupOf(call);
  const ledger = await findDecidingRow(context, call);
  if (ledger === undefined) throw new Error(`converted call ${call.uuid} has no ledger`);
  if (group === undefined || ledger.actor === 'operator') {
    const isRepeated = posted.revenue !== undefined && isSameValue(call, posted);
    return keepValue(
      context,
      call,
      posted,
      isRepeated ? { status: 'unchanged' } : { status: 'recorded', reason: OPERATOR },
    );
  }
  const decided = { revenueMicros: ledger.revenue_micros, ruleIndex: ledger.rule_index };
  const verdict = judgeCorrection(group, decided, posted);
  if (verdict.kind === 'unchanged') return keepValue(context, call, posted, { status: 'unchanged' });
  if (verdict.kind === 'none') {
    return keepValue(context, call, posted, { status: 'recorded', reason: verdict.reason });
  }
  const correction = { conversion: verdict, correctsSeq: ledger.seq };
  const changed = await correctCall(context, call, correction, sourceOf(posted, { now }));
  return changed && { ...changed, status: 'corrected', waitsForEnd: false };
};

const BY_STATE: Readonly<Record<MoneyState, Apply>> = {
  open: waitForEnd,
  pending: tryToConvert,
  not_converted: tryToConvert,
  converted: tryToCorrect,
};

const DUPLICATE = 'this caller has converted in this group before; the value is kept, no money is moved';

/** Else a buyer's retry would silently undo what a person has put right. */
const OPERATOR = 'an operator has set the money of this call; the value is kept as information';

const LATE = { reason: 'late: the postback timeout had passed' };

/** Nobody is billed for a call that was not answered, in no group, or too long ago. */
function judge(call: CallRow, group: ConversionGroup | undefined, posted: PostedData, timing: Timing): Verdict {
  if (call.answered_at === null) return { kind: 'none', reason: 'the call was not answered' };
  if (call.buyer_id === null) return { kind: 'none', reason: 'the last resort took the call: nobody pays for it' };
  if (group === undefined) return { kind: 'none', reason: 'no conversion group fits this call' };
  const isTooLate = call.decided_at !== null && timing.now - call.decided_at > timing.lateLimitMs;
  if (isTooLate) return { kind: 'none', reason: 'too late: the limit for late conversions has passed' };
  return judgePosted(group, [posted]);
}

function reasonOf(verdict: Verdict): string {
  return verdict.kind === 'none' ? verdict.reason : verdict.explanation;
}

/** The group as it was at the end of the call, whatever the configuration says now (semantics §4). */
function groupOf(call: CallRow): ConversionGroup | undefined {
  return call.group_json === null ? undefined : (JSON.parse(call.group_json) as ConversionGroup);
}

function sourceOf(posted: PostedData, { now }: Pick<Timing, 'now'>): MoneySource {
  return { actor: 'postback', postedValue: posted.revenue?.text ?? null, now };
}

/** No money moves; a new value is kept as information. */
async function keepValue(
  context: OperationContext,
  call: CallRow,
  posted: PostedData,
  result: Pick<AppliedData, 'status' | 'reason'>,
): Promise<AppliedData | undefined> {
  const kept = isSameValue(call, posted)
    ? call
    : await changeCall(context, call, { postback_value: valueAfter(posted, call) });
  return kept && { call: kept, ...result, enqueued: 0, waitsForEnd: false };
}

function valueAfter(posted: PostedData, call: CallRow): string | null {
  return posted.revenue?.text ?? call.postback_value;
}

/** True if nothing new is to be kept; `10` and `10.00` are one value. */
function isSameValue(call: CallRow, { revenue }: PostedData): boolean {
  if (revenue === undefined) return true;
  return call.postback_value !== null && parsePostedRevenue(call.postback_value) === revenue.micros;
}
