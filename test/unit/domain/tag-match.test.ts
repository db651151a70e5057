import { describe, expect, it } from 'vitest';
import { firstUnmet, matchesTags, parseTagMatch, tagValues } from '../../../src/domain/tag-match.ts';

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

  it('names the condition that was not met', () => {
    expect(firstUnmet(['state==CA', 'age>40'].map(parseTagMatch), tags)).toBe('age>40');
    expect(firstUnmet([], tags)).toBeUndefined();
  });

  it('a hostile pattern takes linear time', () => {
    const long = tagValues([{ name: 'x', value: `${'a'.repeat(5_000)}!` }]);
    const started = performance.now();
    expect(matchesTags([parseTagMatch('x=~^(a+)+$')], long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
