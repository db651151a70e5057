import { describe, expect, it } from 'vitest';
import {
  comparableTags,
  compileMatches,
  firstUnmet,
  matchesTags,
  parseTagMatch,
  tagValues,
} from '../../../src/domain/tag-match.ts';

const tags = tagValues([
  { name: 'state', value: 'CA' },
  { name: 'interest', value: 'auto' },
  { name: 'interest', value: 'home' },
  { name: 'age', value: '30' },
  { name: 'zip', value: '01234' },
  { name: 'note', value: 'hot lead' },
]);

const fits = (...conditions: string[]) => matchesTags(conditions.map(parseTagMatch), tags);

describe('tag conditions (semantics §4)', () => {
  it.each([
    [['state==CA'], true],
    [['state==ca'], false],
    [['state==NY'], false],
    [['state==NY', 'state==CA'], true],
    [['state==CA', 'interest==auto'], true],
    [['state==CA', 'interest==boat'], false],
    [['interest==home'], true],
    [['state!=NY'], true],
    [['interest!=auto'], false],
    [['interest!=boat'], true],
    [['interest!=boat', 'interest!=home'], false],
    [['missing==x'], false],
    [['missing!=x'], true],
    [['missing<1'], false],
    [['missing=~.*'], false],
    [['age<100'], true],
    [['age>4'], true],
    [['age>=30'], true],
    [['age<=29.99'], false],
    [['age==30.0'], true],
    [['age!=30.0'], false],
    [['zip==1234'], false],
    [['zip==01234'], true],
    [['state<D'], true],
    [['state>D'], false],
    [['state=~^C[A-Z]$'], true],
    [['interest=~om'], true],
    [['note=~^hot\\s'], true],
    [['state=~^c'], false],
    [['state=~(?i)^c'], true],
    [[], true],
  ] as [string[], boolean][])('%j → %s', (conditions, expected) => expect(fits(...conditions)).toBe(expected));

  it.each([
    ['state==CA', { name: 'state', operator: '==', value: 'CA' }],
    ['state:CA', { name: 'state', operator: '==', value: 'CA' }],
    ['state=CA', { name: 'state', operator: '==', value: 'CA' }],
    [' state != CA ', { name: 'state', operator: '!=', value: 'CA' }],
    ['age>=21', { name: 'age', operator: '>=', value: '21' }],
    ['zip=~^9', { name: 'zip', operator: '=~', value: '^9' }],
    ['endpoint==sip:a@b.example:5060', { name: 'endpoint', operator: '==', value: 'sip:a@b.example:5060' }],
    ['note==', { name: 'note', operator: '==', value: '' }],
  ])('reads `%s`', (text, condition) => expect(parseTagMatch(text)).toEqual(condition));

  it.each(['', 'state', '==CA', 'zip=~(', 'zip=~a(?=b)'])('refuses `%s`', (text) => {
    expect(() => parseTagMatch(text)).toThrow(/is not a (condition|regular expression)/);
  });

  it.each([
    [['state==CA', 'age>40'], 'wants age>40; the call has age 30'],
    [['state==NY', 'age>4', 'state==TX'], 'wants state==NY or state==TX; the call has state CA'],
    [['interest==boat'], 'wants interest==boat; the call has interest auto, home'],
    [['missing==x'], 'wants missing==x; the call has no missing'],
    [['state==CA'], undefined],
    [[], undefined],
  ])('%j: says what was wanted and what the call has', (conditions, expected) => {
    expect(firstUnmet(compileMatches(conditions.map(parseTagMatch)), comparableTags(tags))).toBe(expected);
  });

  it('shortens long lists and values', () => {
    const states = Array.from({ length: 50 }, (_, index) => parseTagMatch(`state==${index}`));
    const long = comparableTags(tagValues([{ name: 'state', value: 'x'.repeat(255) }]));
    const wanted = 'state==0 or state==1 or state==2 or state==3 or state==4 or 45 more';
    expect(firstUnmet(compileMatches(states), long)).toBe(`wants ${wanted}; the call has state ${'x'.repeat(59)}…`);
  });

  it('a hostile pattern takes linear time', () => {
    const long = tagValues([{ name: 'x', value: `${'a'.repeat(5_000)}!` }]);
    const started = performance.now();
    expect(matchesTags([parseTagMatch('x=~^(a+)+$')], long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
