import { RE2JS } from 're2js';
import { AppError } from './errors.ts';

/** Every operator a condition may have. */
export const MATCH_OPERATORS = ['==', '!=', '<', '<=', '>', '>=', '=~'] as const;
export type MatchOperator = (typeof MATCH_OPERATORS)[number];

/** One condition `name op value` on a call's tags (semantics §4). */
export interface TagMatch {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** A call's tags: the set of values under each name. */
export type TagValues = ReadonlyMap<string, ReadonlySet<string>>;

const CONDITION = /^\s*([^\s=!<>~:]+)\s*(==|!=|<=|>=|=~|<|>|=|:)\s*(.*?)\s*$/s;

/** `state==CA`, `age>=21`, `zip=~^9`; `state:CA` and `state=CA` mean `==`. Throws AppError. */
export function parseTagMatch(text: string): TagMatch {
  const [, name, written, value = ''] = CONDITION.exec(text) ?? [];
  if (name === undefined) {
    throw new AppError('tag_match_invalid', `"${text}" is not a condition like state==CA or age>=21`);
  }
  const operator = MATCH_OPERATORS.find((known) => known === written) ?? '==';
  if (operator === '=~') pattern(value);
  return { name, operator, value };
}

/** The condition as it is written in the account file. */
export function formatTagMatch({ name, operator, value }: TagMatch): string {
  return `${name}${operator}${value}`;
}

/** Groups a call's tags by name. */
export function tagValues(tags: Iterable<{ readonly name: string; readonly value: string }>): TagValues {
  const values = new Map<string, Set<string>>();
  for (const { name, value } of tags) {
    const known = values.get(name);
    if (known === undefined) values.set(name, new Set([value]));
    else known.add(value);
  }
  return values;
}

/** True if the tags fit: names are ANDed, several `==` of one name ORed (semantics §4). */
export function matchesTags(conditions: readonly TagMatch[], tags: TagValues): boolean {
  return firstUnmet(conditions, tags) === undefined;
}

/** The first condition that the tags do not meet, for a person to read, or undefined. */
export function firstUnmet(conditions: readonly TagMatch[], tags: TagValues): string | undefined {
  const unmet = conditions.find((condition) => !isMet(condition, conditions, tags));
  return unmet && formatTagMatch(unmet);
}

function isMet(condition: TagMatch, all: readonly TagMatch[], tags: TagValues): boolean {
  const values = [...(tags.get(condition.name) ?? [])];
  const { operator } = condition;
  if (operator === '!=') return values.every((value) => compare(value, condition.value) !== 0);
  if (operator !== '==') return values.some((value) => TESTS[operator](value, condition.value));
  const alternatives = all.filter((other) => other.operator === '==' && other.name === condition.name);
  return values.some((value) => alternatives.some((alternative) => compare(value, alternative.value) === 0));
}

const TESTS: Readonly<Record<Exclude<MatchOperator, '==' | '!='>, (value: string, wanted: string) => boolean>> = {
  '<': (value, wanted) => compare(value, wanted) < 0,
  '<=': (value, wanted) => compare(value, wanted) <= 0,
  '>': (value, wanted) => compare(value, wanted) > 0,
  '>=': (value, wanted) => compare(value, wanted) >= 0,
  '=~': (value, wanted) => pattern(wanted).matcher(value).find(),
};

/** A number as people write it; `01234` is a code, and beyond 15 digits a double would lie. */
const NUMERIC = /^(?=.{1,16}$)-?(0|[1-9]\d*)(\.\d+)?$/;

/** Numeric when both sides are, else by code unit. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  if (NUMERIC.test(a) && NUMERIC.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : 1;
}

const MOST_PATTERNS = 1_000;
const patterns = new Map<string, RE2JS>();

/** Compiled once each; RE2 runs in linear time, so a pattern cannot hold the service up. */
function pattern(source: string): RE2JS {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (error) {
    throw new AppError('tag_match_invalid', `"${source}" is not a regular expression RE2 can run`, { cause: error });
  }
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(source, compiled);
  return compiled;
}
