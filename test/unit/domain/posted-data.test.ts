import { describe, expect, it } from 'vitest';
import { readPostedData } from '../../../src/domain/posted-data.ts';
import { parsePostedRevenue } from '../../../src/domain/posted-revenue.ts';

describe('posted revenue (semantics §3)', () => {
  it.each([
    ['0', 0],
    ['10', 10_000_000],
    ['10.00', 10_000_000],
    ['007.50', 7_500_000],
    ['10.1234', 10_123_400],
    ['1000000', 1_000_000_000_000],
    ['1000000.0000', 1_000_000_000_000],
    ['0000000000000000010', 10_000_000],
  ])('%s is taken', (text, micros) => expect(parsePostedRevenue(text)).toBe(micros));

  it.each([
    ['abc', 'is not a number'],
    ['1,000', 'thousands separator'],
    ['1,000.50', 'thousands separator'],
    ['10,5', 'comma for the decimal point'],
    ['$5', 'currency sign'],
    ['5€', 'currency sign'],
    ['1e3', 'exponent'],
    ['NaN', 'is not a number'],
    ['Infinity', 'is not a number'],
    ['', 'is empty'],
    ['-1', 'is negative'],
    ['+1', 'is not a number'],
    [' 10', 'is not a number'],
    ['10 ', 'is not a number'],
    ['.5', 'is not a number'],
    ['5.', 'is not a number'],
    ['0x10', 'is not a number'],
    ['１０', 'is not a number'],
    ['10.12345', 'more than 4 decimals'],
    ['1000000.01', 'is more than 1000000.00'],
    ['9'.repeat(400), 'is more than'],
    ['10\n', 'is not a number'],
  ])('%s is refused with its reason', (text, why) => {
    expect(() => parsePostedRevenue(text)).toThrow(why);
    expect(() => parsePostedRevenue(text)).toThrow('post a plain decimal like 10.00');
  });

  it('given twice it must agree', () => {
    const twice = (one: string, other: string) => () =>
      readPostedData(
        [
          ['revenue', one],
          ['revenue', other],
        ],
        '',
      );
    expect(twice('10', '10.00')().revenue).toEqual({ text: '10', micros: 10_000_000 });
    expect(twice('10', '12')).toThrow('several times with different values');
    expect(readPostedData([['Revenue', '5']], '').revenue).toBeUndefined();
  });
});
