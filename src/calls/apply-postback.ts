import { AppError } from '../domain/errors.ts';
import { type PostedData, readPostedData } from '../domain/posted-data.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { admitPostback, type PostbackInput } from './admit-postback.ts';
import { type AppliedData, applyPostedData } from './apply-posted-data.ts';
import { logPostback } from './log-postback.ts';
import { accepted, type PostbackAnswer, refused } from './postback-answer.ts';

/** An authenticated `set_value` request. */
export interface ApplyPostbackInput extends PostbackInput {
  /** Raw query string + `&` + raw form body, without the `key` parameter: where triggers are looked for (semantics §5). */
  readonly rawText: string;
  /** How long after the decision a sale still counts; 30 days when absent. */
  readonly lateLimitMs?: number | undefined;
}

const DAY_MS = 86_400_000;
const DEFAULT_LATE_LIMIT_MS = 30 * DAY_MS;

/** `set_value` with the right key: stored, and what follows for the money (semantics §3, §5). */
export async function applyPostback(context: OperationContext, input: ApplyPostbackInput): Promise<PostbackAnswer> {
  const admission = await admitPostback(context, input);
  if (admission.kind === 'stranger') return admission.answer;
  const { call } = admission;
  if (admission.kind === 'refused') return refuse(context, input, admission.answer, call);
  const posted = readOrRefuse(input);
  if ('httpStatus' in posted) return refuse(context, input, posted, call);
  const { now, lateLimitMs = DEFAULT_LATE_LIMIT_MS } = input;
  const applied = await applyPostedData(context, call, posted, { now, lateLimitMs });
  return accept(context, input, applied);
}

function readOrRefuse({ uuid, parameters, rawText }: ApplyPostbackInput): PostedData | PostbackAnswer {
  try {
    return readPostedData(parameters, rawText);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refused(uuid, error.code === 'revenue_ambiguous' ? 400 : 422, error.message);
  }
}

async function refuse(
  context: OperationContext,
  input: ApplyPostbackInput,
  answer: PostbackAnswer,
  call: CallRow,
): Promise<PostbackAnswer> {
  await logPostback(context, input, answer, { kind: 'set_value', call });
  return answer;
}

async function accept(
  context: OperationContext,
  input: ApplyPostbackInput,
  { call, waitsForEnd, ...result }: AppliedData,
): Promise<PostbackAnswer> {
  const answer = accepted(call, result);
  await logPostback(context, input, answer, { kind: 'set_value', call, waitsForEnd });
  return answer;
}
