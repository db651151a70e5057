import { describe, expect, it } from 'vitest';
import { findTrigger } from '../../../src/domain/conversion-trigger.ts';

const hit = (mode: 'substring' | 'parameter', text: string, posted: string) =>
  findTrigger([{ text, mode, revenue: '50', payout: '30' }], posted) === 0;

describe('conversion trigger (semantics §5, §9 lines 8 and 9)', () => {
  it.each([
    ['sale=true', 'sale=true', true, true],
    ['sale=true', 'Sale=true', false, false],
    ['sale=true', 'foo=1&sale=true', true, true],
    ['sale=true', 'sale%3Dtrue', true, true],
    ['sale=true', 'presale=true', true, false],
    ['sale=true', 'sale=trueish', true, false],
    ['sale=true', 's%61le=tru%65', true, true],
    ['sale=true', 'x=1%26sale=true', true, false],
    ['sale=true', 'sale=false', false, false],
    ['sale=true', '', false, false],
    ['sale', 'sale=whatever', true, true],
    ['sale', 'sale', true, true],
    ['sale', 'presale', true, false],
    ['big deal', 'note=a+big+deal', true, false],
    ['note=big deal', 'note=big+deal', true, true],
    ['note=big deal', 'note=big%20deal', true, true],
    ['a+b', 'x=a+b', true, false],
    ['ü', 'x=%C3%BC', true, false],
    ['ok', 'bad=%C3&ok', true, true],
  ])('`%s` in `%s`: substring %s, parameter %s', (text, posted, asSubstring, asParameter) => {
    expect(hit('substring', text, posted)).toBe(asSubstring);
    expect(hit('parameter', text, posted)).toBe(asParameter);
  });

  it('line 9: a key that contains the trigger’s letters converts nothing', () => {
    for (const posted of ['key=abcdef', 'k%65y=abcdef', 'a=1&key=abcdef&b=2']) {
      expect(hit('substring', 'cde', posted)).toBe(false);
      expect(hit('parameter', 'key', posted)).toBe(false);
    }
    expect(hit('substring', 'value', 'key=value&x=1')).toBe(false);
  });

  it('the first in the list wins; an empty one never does', () => {
    const trigger = (text: string) => ({ text, mode: 'substring', revenue: '1', payout: '1' }) as const;
    const triggers = [trigger(''), trigger('gold'), trigger('silver')];
    expect(findTrigger(triggers, 'x=silver&y=gold')).toBe(1);
    expect(findTrigger(triggers, 'x=silver')).toBe(2);
    expect(findTrigger(triggers, 'x=bronze')).toBeUndefined();
  });
});
