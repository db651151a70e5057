import type { AnswerMapping, Webhook } from './account.ts';
import { type CallTag, readCallTags } from './call-tag.ts';

/** Triggers that can wait for data: what they learn is there before anybody is dialled. */
export const DATA_TRIGGERS = ['start', 'selected'] as const;
export type DataTrigger = (typeof DATA_TRIGGERS)[number];

/** What a call wants to know before it goes on. */
export interface DataQuestion {
  readonly callUuid: string;
  readonly trigger: DataTrigger;
  /** Whose turn it is; only for `selected`. */
  readonly buyerId: string | undefined;
}

/** A webhook of this trigger whose answer the call waits for. */
export function asksForData(webhook: Webhook, trigger: string): webhook is Webhook & { answer: AnswerMapping } {
  return webhook.answer !== undefined && webhook.trigger === trigger;
}

export interface AnswerTags {
  readonly tags: readonly CallTag[];
  /** Why there are none, or not all. */
  readonly problem: string | undefined;
}

/**
 * The tags in a JSON answer. Text, numbers and true/false are values, lists of them several values; null, nothing and ""
 * are no value; what is too long or an object is left out and told.
 */
export function answerTags({ tags: mapping }: AnswerMapping, answer: string): AnswerTags {
  let json: unknown;
  try {
    json = JSON.parse(answer);
  } catch {
    return { tags: [], problem: 'the answer is not JSON' };
  }
  const pairs = Object.entries(mapping).flatMap(([tag, field]) =>
    valuesOf(fieldOf(json, field)).map((value) => [tag, value] as const),
  );
  const usable = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined);
  const { tags, ignored } = readCallTags(usable);
  const unusable = new Set([...pairs.filter(([, value]) => value === undefined).map(([tag]) => tag), ...ignored]);
  return { tags, problem: unusable.size === 0 ? undefined : `not usable as a tag: ${[...unusable].join(', ')}` };
}

function fieldOf(json: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      json,
    );
}

/** Undefined stands for what cannot be a tag's value. */
function valuesOf(value: unknown): (string | undefined)[] {
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value)) return value.flatMap((each) => (Array.isArray(each) ? [undefined] : valuesOf(each)));
  return [typeof value === 'object' ? undefined : String(value)];
}
