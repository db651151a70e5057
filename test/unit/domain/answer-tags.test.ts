import { describe, expect, it } from 'vitest';
import { answerTags } from '../../../src/domain/answer-tags.ts';

const told = (tags: Record<string, string>, answer: unknown) =>
  answerTags({ tags, withinMs: 500 }, typeof answer === 'string' ? answer : JSON.stringify(answer));

describe('tags in the answer of a webhook (semantics §8)', () => {
  it('are text, numbers and true/false at the fields that are named, lists several values', () => {
    const answer = { caller: { income: 72000.5, owner: false }, leads: [{ state: 'CA' }], zips: ['90001', 90002] };
    expect(
      told({ income: 'caller.income', owner: 'caller.owner', state: 'leads.0.state', zip: 'zips' }, answer),
    ).toEqual({
      tags: [
        { name: 'income', value: '72000.5' },
        { name: 'owner', value: 'false' },
        { name: 'state', value: 'CA' },
        { name: 'zip', value: '90001' },
        { name: 'zip', value: '90002' },
      ],
      problem: undefined,
    });
  });

  it('are not there where the field is null, "" or missing', () => {
    expect(told({ a: 'a', b: 'b', c: 'c.d', e: 'e' }, { a: null, b: '', e: [] })).toEqual({
      tags: [],
      problem: undefined,
    });
  });

  it('never come from what an object inherits', () => {
    expect(told({ a: 'constructor.name', b: '__proto__', c: 'text.length' }, { text: 'x' }).tags).toEqual([]);
  });

  it.each([
    ['an object', { a: {} }, 'not usable as a tag: a'],
    ['a list in a list', { a: [['x']] }, 'not usable as a tag: a'],
    ['too long a text', { a: 'x'.repeat(256) }, 'not usable as a tag: a'],
    ['a text with a NUL', { a: 'x\0y' }, 'not usable as a tag: a'],
    ['not JSON', '<html>', 'the answer is not JSON'],
    ['half of a JSON text', '{"a":', 'the answer is not JSON'],
    ['nothing', '', 'the answer is not JSON'],
  ])('%s tells why there are none', (_, answer, problem) => {
    expect(told({ a: 'a' }, answer)).toEqual({ tags: [], problem });
  });

  it('the good ones are kept beside a bad one', () => {
    expect(told({ a: 'a', b: 'b' }, { a: 'x', b: {} })).toEqual({
      tags: [{ name: 'a', value: 'x' }],
      problem: 'not usable as a tag: b',
    });
  });
});
