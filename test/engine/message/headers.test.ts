import { describe, expect, it, vi } from 'vitest';
import { listOf, splitList } from '../../../sip/engine/message/header-list.ts';
import { Headers } from '../../../sip/engine/message/headers.ts';

const sample = (): Headers =>
  Headers.from([
    ['v', 'one'],
    ['Via', 'two'],
    ['from', 'a'],
    ['VIA', 'three'],
    ['X-Trace', '1'],
  ]);

describe('Headers', () => {
  it('finds lines in any letter case and compact form (RFC 3261 §7.3.1)', () => {
    const headers = sample();
    expect(headers.get('via')).toBe('one');
    expect(headers.getAll('V')).toEqual(['one', 'two', 'three']);
    expect(headers.has('F')).toBe(true);
    expect(headers.get('To')).toBeUndefined();
  });

  it('finds names nobody registered in any letter case, keeping their spelling', () => {
    const headers = Headers.from([
      ['X-Trace', '1'],
      ['x-trace', '2'],
      ['P-MyHeader', '3'],
    ]);
    expect(headers.getAll('x-TRACE')).toEqual(['1', '2']);
    expect(headers.get('p-myheader')).toBe('3');
    expect([...headers].map(([name]) => name)).toEqual(['X-Trace', 'x-trace', 'P-MyHeader']);
  });

  it('sets one line in the place of the first', () => {
    const headers = sample();
    headers.set('Via', 'only');
    expect([...headers]).toEqual([
      ['Via', 'only'],
      ['From', 'a'],
      ['X-Trace', '1'],
    ]);
    headers.set('To', 'b');
    expect(headers.size).toBe(4);
  });

  it('prepends, replaces and removes the first line only', () => {
    const headers = sample();
    headers.prepend('Via', 'zero');
    headers.replaceFirst('via', 'nil');
    expect(headers.getAll('Via')).toEqual(['nil', 'one', 'two', 'three']);
    headers.removeFirst('Via');
    headers.replaceFirst('Subject', 'new');
    expect(headers.getAll('Via')).toEqual(['one', 'two', 'three']);
    headers.remove('v');
    headers.removeFirst('Via');
    expect([...headers].map(([name]) => name)).toEqual(['From', 'X-Trace', 'Subject']);
  });

  it('clones without a tie to the original', () => {
    const headers = sample();
    const copy = headers.clone();
    copy.set('From', 'b');
    expect(headers.get('From')).toBe('a');
    expect(copy.get('From')).toBe('b');
  });

  it('parses a value once per text', () => {
    const headers = sample();
    const parse = vi.fn((text: string) => text.length);
    expect([headers.parsed('From', parse), headers.parsed('From', parse)]).toEqual([1, 1]);
    expect(parse).toHaveBeenCalledTimes(1);
    headers.set('From', 'abc');
    expect(headers.parsed('From', parse)).toBe(3);
    expect(headers.parsed('To', parse)).toBeUndefined();
  });
});

describe('list values', () => {
  it.each([
    ['a', ['a']],
    ['a, b,c', ['a', 'b', 'c']],
    ['"a,b" <sip:x>, c', ['"a,b" <sip:x>', 'c']],
    ['"a\\",b" <sip:x>, c', ['"a\\",b" <sip:x>', 'c']],
    ['<sip:a,b@c>;q=1,<sip:d>', ['<sip:a,b@c>;q=1', '<sip:d>']],
    ['a,,b', ['a', '', 'b']],
    ['"open, a', ['"open, a']],
    ['<open, a', ['<open, a']],
  ])('splits %s at its commas only (RFC 3261 §7.3.1)', (value, elements) => {
    expect(splitList(value)).toEqual(elements);
  });

  it('collects the elements of all lines', () => {
    const headers = Headers.from([
      ['Supported', '100rel, timer'],
      ['k', 'replaces,'],
    ]);
    expect(listOf(headers, 'Supported')).toEqual(['100rel', 'timer', 'replaces']);
  });
});
