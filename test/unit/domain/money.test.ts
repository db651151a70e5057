import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from '../../../src/domain/money.ts';

describe('money (style §3.5)', () => {
  it.each([
    ['0', 0],
    ['50', 50_000_000],
    ['50.00', 50_000_000],
    ['0.01', 10_000],
    ['0.000001', 1],
    ['999999999.999999', 999_999_999_999_999],
  ])('%s is %i millionths', (text, micros) => expect(parseMoney(text)).toBe(micros));

  it.each(['', ' 1', '1 ', '.5', '5.', '-1', '+1', '1e3', '0.0000001', '1234567890', '１', 'NaN'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseMoney(text)).toThrow(/is not an amount like 50.00/);
    },
  );

  it.each([
    [0, '0.00'],
    [10_000_000, '10.00'],
    [10_123_400, '10.1234'],
    [10_100_000, '10.10'],
    [1, '0.000001'],
    [-500_000, '-0.50'],
  ])('%i millionths are written %s', (micros, text) => expect(formatMoney(micros)).toBe(text));

  it('reads what it wrote', () => {
    const amounts = fc.integer({ min: 0, max: 999_999_999_999_999 });
    fc.assert(fc.property(amounts, (micros) => parseMoney(formatMoney(micros)) === micros));
  });
});
