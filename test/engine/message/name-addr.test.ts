import { describe, expect, it } from 'vitest';
import { formatNameAddr, parseNameAddr, tagOf, withTag } from '../../../sip/engine/message/name-addr.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';

describe('parseNameAddr (RFC 3261 §20.10)', () => {
  it.each([
    ['<sip:a@h>', undefined, 'sip:a@h', {}],
    ['"A. G. Bell" <sip:a@h>;tag=1', 'A. G. Bell', 'sip:a@h', { tag: '1' }],
    ['Alice Smith <sip:a@h>;q=0.7', 'Alice Smith', 'sip:a@h', { q: '0.7' }],
    ['"quote \\" and \\\\" <sip:a@h>', 'quote " and \\', 'sip:a@h', {}],
    ['"<not;this>" <sip:a@h;lr>;tag=1', '<not;this>', 'sip:a@h;lr', { tag: '1' }],
    ['sip:a@h;tag=1', undefined, 'sip:a@h', { tag: '1' }],
    ['sip:a@h ; Tag = 1', undefined, 'sip:a@h', { tag: '1' }],
    ['< sip:a@h > ;tag=1', undefined, 'sip:a@h', { tag: '1' }],
    ['<sip:a@h>;x="a;b=c";flag', undefined, 'sip:a@h', { x: '"a;b=c"', flag: undefined }],
    ['<sip:a@h>;tag=first;tag=second', undefined, 'sip:a@h', { tag: 'first' }],
    ['*', undefined, '*', {}],
  ])('reads %s', (value, displayName, uri, params) => {
    const address = parseNameAddr(value);
    expect(address.displayName).toBe(displayName);
    expect(address.uri).toBe(uri);
    expect(Object.fromEntries(address.params)).toEqual(params);
  });

  it.each([
    '',
    'bob',
    '"open <sip:a@h>',
    '<sip:a@h',
    '<>',
    '"name"',
    '<sip:a@h> junk;tag=1',
    '<sip:a h>',
    '<sip:a>;x="',
  ])('refuses %j', (value) => {
    expect(() => parseNameAddr(value)).toThrow(ParseError);
  });

  it('formats with brackets, quotes and escapes', () => {
    expect(formatNameAddr(parseNameAddr('sip:a@h;tag=1'))).toBe('<sip:a@h>;tag=1');
    expect(formatNameAddr(parseNameAddr('"a \\"b\\"" <sip:a@h;lr>;x'))).toBe('"a \\"b\\"" <sip:a@h;lr>;x');
  });
});

describe('tags (RFC 3261 §19.3)', () => {
  it.each([
    ['<sip:a@h>;tag=abc', 'abc'],
    ['<sip:a@h>;x=1;tag=abc;y=2', 'abc'],
    ['<sip:a@h>;TAG=abc', 'abc'],
    ['<sip:a@h> ; tag = abc', 'abc'],
    ['sip:a@h;tag=abc', 'abc'],
    ['<sip:a@h;tag=no>', undefined],
    ['"x;tag=no" <sip:a@h>', undefined],
    ['"x;tag=no" <sip:a@h>;tag=abc', 'abc'],
    ['<sip:a@h>;x=">;tag=no";tag=abc', 'abc'],
    ['<sip:a@h>;tag=abc;tag=def', 'abc'],
    ['<sip:a@h>', undefined],
  ])('tag of %s is %s', (value, tag) => {
    expect(tagOf(value)).toBe(tag);
  });

  it.each([
    ['<sip:a@h>', '<sip:a@h>;tag=new'],
    ['sip:a@h', 'sip:a@h;tag=new'],
    ['"A" <sip:a@h>;tag=old;x=1', '"A" <sip:a@h>;tag=new;x=1'],
    ['<sip:a@h>;tag=old;tag=older', '<sip:a@h>;tag=new'],
  ])('gives %s the one tag', (value, expected) => {
    expect(withTag(value, 'new')).toBe(expected);
  });
});
