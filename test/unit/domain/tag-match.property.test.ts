import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MATCH_OPERATORS, matchesTags, type TagMatch, tagValues } from '../../../src/domain/tag-match.ts';

/** The rules of semantics §4 word for word, one condition after the other. */
function slowMatches(conditions: readonly TagMatch[], tags: readonly { name: string; value: string }[]): boolean {
  return conditions.every((condition) => {
    const values = tags.filter(({ name }) => name === condition.name).map(({ value }) => value);
    if (condition.operator === '!=') return values.every((value) => order(value, condition.value) !== 0);
    const same = conditions.filter(({ name, operator }) => name === condition.name && operator === '==');
    const wanted = condition.operator === '==' ? same : [condition];
    return wanted.some((each) => values.some((value) => isMet(each, value)));
  });
}

function isMet({ operator, value: wanted }: TagMatch, value: string): boolean {
  if (operator === '=~') return new RegExp(wanted).test(value);
  const result = order(value, wanted);
  return { '==': result === 0, '<': result < 0, '<=': result <= 0, '>': result > 0, '>=': result >= 0, '!=': false }[
    operator
  ];
}

function order(a: string, b: string): number {
  const isNumber = (text: string) => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) && text.length <= 16;
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  return a === b ? 0 : a < b ? -1 : 1;
}

const anyName = fc.constantFrom('a', 'b', '__proto__', 'constructor');
const anyValue = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-0',
    '00',
    '1',
    '1.0',
    '01',
    '2',
    '10',
    '-1',
    '9999999999999999',
    '10000000000000000',
    '1e-7',
  ),
  fc.constantFrom('0.0000001', 'CA', 'ca', 'NY', 'é'),
  fc.integer({ min: -20, max: 20 }).map(String),
);
const anyCondition: fc.Arbitrary<TagMatch> = fc.oneof(
  fc.record({
    name: anyName,
    operator: fc.constantFrom(...MATCH_OPERATORS.filter((operator) => operator !== '=~')),
    value: anyValue,
  }),
  fc.record({
    name: anyName,
    operator: fc.constant('=~' as const),
    value: fc.constantFrom('^C', '1$', '[0-9]+', 'A|Y'),
  }),
);

it('conditions say what they say one by one, however they are worked out (semantics §4)', () => {
  const tags = fc.array(fc.record({ name: anyName, value: anyValue }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(anyCondition, { maxLength: 5 }), tags, (conditions, given) => {
      expect(matchesTags(conditions, tagValues(given))).toBe(slowMatches(conditions, given));
    }),
    { numRuns: 5_000 },
  );
});
