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
  if (conditions.length === 0) return true;
  let compiled = compiledBefore.get(conditions);
  if (compiled === undefined) {
    compiled = compileMatches(conditions);
    compiledBefore.set(conditions, compiled);
  }
  return firstUnmet(compiled, comparableTags(tags)) === undefined;
}

/** A tag's value, and its number where it is one: worked out once for all conditions of a call. */
interface Comparable {
  readonly text: string;
  readonly number: number | undefined;
}

/** A call's tags made ready for many conditions. */
export type ComparableTags = ReadonlyMap<string, ComparableTag>;

interface ComparableTag {
  readonly values: readonly Comparable[];
  /** `state CA`, for a person. */
  readonly text: string;
}

export function comparableTags(tags: TagValues): ComparableTags {
  return new Map([...tags].map(([name, values]) => [name, comparableTag(name, [...values])]));
}

function comparableTag(name: string, values: readonly string[]): ComparableTag {
  return { values: values.map(comparable), text: `${name} ${shown(values).join(', ')}` };
}

/** One or several conditions that are met or not together. */
export interface CompiledMatch {
  readonly name: string;
  /** `state==CA or state==NY`, as it is written in the account file. */
  readonly text: string;
  readonly isMet: (values: readonly Comparable[]) => boolean;
}

/** The first condition that the tags do not meet, with what the call has instead, for a person to read; or undefined. */
export function firstUnmet(conditions: readonly CompiledMatch[], tags: ComparableTags): string | undefined {
  for (const { name, isMet, text } of conditions) {
    const tag = tags.get(name);
    if (!isMet(tag?.values ?? NONE)) return `wants ${text}; the call has ${tag?.text ?? `no ${name}`}`;
  }
  return undefined;
}

const NONE: readonly Comparable[] = [];
const compiledBefore = new WeakMap<readonly TagMatch[], readonly CompiledMatch[]>();

/** Conditions made ready to be asked, once for each list: a call asks those of a thousand routes. */
export function compileMatches(matches: readonly TagMatch[]): CompiledMatch[] {
  const names = new Set<string>();
  return matches.flatMap((match) => {
    if (match.operator !== '==') return [{ name: match.name, text: formatTagMatch(match), isMet: test(match) }];
    if (names.has(match.name)) return [];
    names.add(match.name);
    return [anyOf(matches.filter(({ operator, name }) => operator === '==' && name === match.name))];
  });
}

const MOST_SHOWN = 5;
const LONGEST_SHOWN = 60;

/** Enough of a list for a person, and no more than a stored row should have. */
function shown(texts: readonly string[]): string[] {
  const few = texts.slice(0, MOST_SHOWN).map((text) => (text.length > LONGEST_SHOWN ? cut(text) : text));
  return texts.length > MOST_SHOWN ? [...few, `${texts.length - MOST_SHOWN} more`] : few;
}

function cut(text: string): string {
  return `${text.slice(0, LONGEST_SHOWN - 1).toWellFormed()}…`;
}

/** Several `==` of one name: one look-up, however many there are. */
function anyOf(alternatives: readonly TagMatch[]): CompiledMatch {
  const wanted = new Set(alternatives.map(({ value }) => keyOf(comparable(value))));
  return {
    name: alternatives[0]?.name ?? '',
    text: shown(alternatives.map(formatTagMatch)).join(' or '),
    isMet: (values) => values.some((value) => wanted.has(keyOf(value))),
  };
}

function test({ operator, value }: TagMatch): CompiledMatch['isMet'] {
  const wanted = comparable(value);
  switch (operator) {
    case '=~': {
      const compiledPattern = pattern(value);
      return (values) => values.some(({ text }) => compiledPattern.test(text));
    }
    case '!=':
      return (values) => values.every((each) => keyOf(each) !== keyOf(wanted));
    case '==':
      return (values) => values.some((each) => keyOf(each) === keyOf(wanted));
    default:
      return (values) => values.some((each) => ORDERS[operator](compare(each, wanted)));
  }
}

const ORDERS: Readonly<Record<'<' | '<=' | '>' | '>=', (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** A number as people write it; `01234` is a code, and beyond 15 digits a double would lie. */
const NUMERIC = /^(?=.{1,16}$)-?(0|[1-9]\d*)(\.\d+)?$/;

function comparable(text: string): Comparable {
  return { text, number: NUMERIC.test(text) ? Number(text) : undefined };
}

/** Equal for equal values: `1.0` is `1`. */
function keyOf({ text, number }: Comparable): string | number {
  return number ?? text;
}

/** Numeric when both sides are, else by code unit. */
function compare(a: Comparable, b: Comparable): number {
  if (a.number !== undefined && b.number !== undefined) return a.number - b.number;
  if (a.text === b.text) return 0;
  return a.text < b.text ? -1 : 1;
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
