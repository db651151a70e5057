import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from '../../../src/domain/money.ts';
import { applyPayoutModifier, parsePayoutModifier } from '../../../src/domain/payout-modifier.ts';

const payoutOf = (modifier: string, revenue = '10.00') =>
  applyPayoutModifier(parsePayoutModifier(modifier), parseMoney(revenue));

describe('payout modifier (semantics §5)', () => {
  it.each([
    ['', '10.00'],
    ['   ', '10.00'],
    ['*0', '0.00'],
    ['*0.8', '8.00'],
    ['/4', '2.50'],
    ['-3', '7.00'],
    ['+1*0.5', '5.50'],
    ['*0.333', '3.33'],
    ['+2*0.5', '6.00'],
    ['*0.5+2', '7.00'],
    [' * 0 . 8 ', '8.00'],
    ['×0.8', '8.00'],
    ['÷4', '2.50'],
    ['−3', '7.00'],
    ['–3', '7.00'],
    ['*.5', '5.00'],
    ['/3*3', '10.00'],
    ['/3', '3.33'],
    ['*0.0005', '0.01'],
    ['*0.00049', '0.00'],
  ])('line 12: `%s` on 10.00 pays %s', (modifier, payout) => {
    expect(formatMoney(payoutOf(modifier).micros)).toBe(payout);
  });

  it.each([
    ['0.8', 'lacks an operator'],
    ['*', 'lacks a plain number'],
    ['/0', 'divides by 0'],
    ['/0.00', 'divides by 0'],
    ['*x', 'lacks a plain number'],
    ['*1e2', 'cannot be read from "e2"'],
    ['*0.8%', 'cannot be read'],
    ['*-1', 'lacks a plain number'],
    ['*1,5', 'cannot be read'],
    ['(10)', 'lacks an operator'],
    ['*10.', 'cannot be read'],
    ['*1000000', 'thousand times'],
    [`*${'1'.repeat(300)}`, 'longer than'],
  ])('line 12: refuses `%s`, saying why and what to write', (modifier, why) => {
    expect(() => parsePayoutModifier(modifier)).toThrow(why);
    expect(() => parsePayoutModifier(modifier)).toThrow('like *0.8');
  });

  it('a negative result pays 0 and says so', () => {
    expect(payoutOf('-10.01')).toMatchObject({ micros: 0, wasNegative: true });
    expect(payoutOf('-10.01').explanation).toBe('10.00 - 10.01 = -0.01; below zero, so payout 0.00');
    expect(payoutOf('-10')).toMatchObject({ micros: 0, wasNegative: false });
  });

  it('explains itself step by step', () => {
    expect(payoutOf('+2*0.5').explanation).toBe('10.00 + 2 = 12; 12 * 0.5 = 6; payout 6.00');
    expect(payoutOf('').explanation).toBe('no modifier: the whole revenue; payout 10.00');
  });

  it('computes in decimals: 0.1 + 0.2 is 0.3, half a cent goes up', () => {
    expect(payoutOf('+0.2', '0.1').micros).toBe(300_000);
    expect(formatMoney(payoutOf('', '1.005').micros)).toBe('1.01');
    expect(formatMoney(payoutOf('*1', '2.675').micros)).toBe('2.68');
  });
});
