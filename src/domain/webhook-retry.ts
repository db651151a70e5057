import type { WebhookTrigger } from './account.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits before the second and later tries (semantics §8): eight tries in 27.6 hours. */
const RETRY_WAITS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];

/** While the call runs, late news is no news: one quick retry. */
const IN_CALL_WAITS_MS = [1 * SECOND];
const IN_CALL_TRIGGERS: readonly string[] = [
  'start',
  'selected',
  'answered',
  'attempt_failed',
  'no_buyer',
] satisfies WebhookTrigger[];

/** Each wait is spread by a tenth either way, so that retries of one outage do not arrive together. */
const JITTER = 0.1;
const RETRY_AFTER_CAP_MS = 12 * HOUR;
const IN_CALL_RETRY_AFTER_CAP_MS = 5 * SECOND;

const GONE = 410;
const RETRIED_STATUSES = new Set([408, 425, 429]);

/** What came of one try; without a status the network failed. */
export interface TryResult {
  readonly httpStatus?: number | undefined;
  /** The answer's Retry-After as it came. */
  readonly retryAfter?: string | undefined;
  /** Set where trying again cannot help, e.g. the guard refused the address. */
  readonly hopeless?: boolean | undefined;
}

export type NextStep = { readonly state: 'delivered' } | DeadStep | { readonly state: 'due'; readonly dueAt: number };
/** `gone`: the endpoint answered 410 and wants nothing more. */
export type DeadStep = { readonly state: 'dead'; readonly gone: boolean };

export interface RetryInput {
  readonly trigger: string;
  /** Tries made, this one included. */
  readonly tries: number;
  readonly result: TryResult;
  readonly now: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Delivered, dead, or when to try again (semantics §8). */
export function nextStep(input: RetryInput): NextStep {
  const { httpStatus, hopeless } = input.result;
  if (isSuccess(httpStatus)) return { state: 'delivered' };
  const wait = waitsOf(input.trigger)[input.tries - 1];
  if (wait === undefined || hopeless === true || !isRetried(httpStatus)) {
    return { state: 'dead', gone: httpStatus === GONE };
  }
  const spread = Math.round(wait * (1 - JITTER + 2 * JITTER * input.random()));
  return { state: 'due', dueAt: input.now + Math.max(spread, wantedWait(input)) };
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status <= 299;
}

function isRetried(status: number | undefined): boolean {
  return status === undefined || status >= 500 || RETRIED_STATUSES.has(status);
}

function waitsOf(trigger: string): readonly number[] {
  return IN_CALL_TRIGGERS.includes(trigger) ? IN_CALL_WAITS_MS : RETRY_WAITS_MS;
}

/** What Retry-After asks for, bounded; 0 where it says nothing (RFC 9110 §10.2.3). */
function wantedWait({ trigger, result, now }: RetryInput): number {
  const cap = IN_CALL_TRIGGERS.includes(trigger) ? IN_CALL_RETRY_AFTER_CAP_MS : RETRY_AFTER_CAP_MS;
  const text = result.retryAfter?.trim() ?? '';
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * SECOND : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), cap) : 0;
}
